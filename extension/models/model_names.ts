// What a model is called: by the name that it was fetched under, where there is one, else by its file or folder. Names are read from
// the notes beside models, so they are known a moment after the path.
import { dirname, join } from 'node:path';
import { Emitter, type Event } from 'vscode-jsonrpc/node';
import type { Disposable } from '../dispose.ts';
import { readNote } from './transfer/plan.ts';

/** The files of a model may lie in a folder of its repository. */
const foldersUp = 2;

export class ModelNames implements Disposable {
  readonly #changed = new Emitter<void>();
  readonly #known = new Map<string, string>();
  /** The path of the model in force. */
  #followed: string | undefined;

  /** `embedded` is the model that comes with the extension; `nameOfFile` names those of which nothing else is known. */
  constructor(
    embedded: { path: string; name: string },
    private readonly nameOfFile: (path: string) => string,
  ) {
    this.#known.set(embedded.path, embedded.name);
  }

  /** Fires when another model is in force, or the one in force turns out to have a name of its own. */
  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  of(path: string): string {
    return this.#known.get(path) ?? this.nameOfFile(path);
  }

  /** From now on the model at this path is in force; looks for its name. */
  async follow(path: string): Promise<void> {
    if (path !== this.#followed) {
      this.#followed = path;
      this.#changed.fire();
    }
    if (this.#known.has(path)) return;
    const name = await nameInNote(path);
    if (name === undefined) return;
    this.#known.set(path, name);
    this.#changed.fire();
  }

  dispose(): void {
    this.#changed.dispose();
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
