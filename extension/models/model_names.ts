// What a model is called: by the name that it was fetched under, where there is one, else by its file or folder. Names are read from
// the notes beside models, so they are known a moment after the path.
import { dirname, join } from 'node:path';
import { Emitter, type Event } from 'vscode-jsonrpc/node';
import type { Disposable } from '../dispose.ts';
import { readNote } from './transfer/plan.ts';

/** The files of a model may lie in a folder of its repository. */
const foldersUp = 2;

export class ModelNames implements Disposable {
  readonly #learned = new Emitter<void>();
  readonly #known = new Map<string, string>();

  /** `embedded` is the model that comes with the extension; `nameOfFile` names those of which nothing else is known. */
  constructor(
    embedded: { path: string; name: string },
    private readonly nameOfFile: (path: string) => string,
  ) {
    this.#known.set(embedded.path, embedded.name);
  }

  /** Fires when a model turns out to have a name of its own. */
  get onDidLearn(): Event<void> {
    return this.#learned.event;
  }

  of(path: string): string {
    return this.#known.get(path) ?? this.nameOfFile(path);
  }

  /** Looks for the name of the model at this path. */
  async learn(path: string): Promise<void> {
    if (this.#known.has(path)) return;
    const name = await nameInNote(path);
    if (name === undefined) return;
    this.#known.set(path, name);
    this.#learned.fire();
  }

  dispose(): void {
    this.#learned.dispose();
  }
}

async function nameInNote(path: string): Promise<string | undefined> {
  let folder = path;
  for (let up = 0; up <= foldersUp; up += 1) {
    const note = await readNote(folder);
    if (note) return join(folder, note.main) === join(path) ? note.name : undefined;
    folder = dirname(folder);
  }
  return undefined;
}
