// What the user has decided about single files of the workspace: pinned ones come first, others are left out, and some may be read
// although they may hold secrets. Kept with the workspace.
import { createHash } from 'node:crypto';
import { Emitter, type Event } from 'vscode-jsonrpc/node';
import { z } from 'zod';
import type { Disposable } from '../dispose.ts';
import type { StoredValue } from '../stored_value.ts';

export type Choice = 'pinned' | 'leftOut' | 'allowed';

const storedSchema = z.record(z.string(), z.enum(['pinned', 'leftOut', 'allowed']));

export class FileChoices implements Disposable {
  readonly #changed = new Emitter<string>();
  /** By path, as the engine knows it. */
  readonly #choices: Map<string, Choice>;

  constructor(private readonly stored: StoredValue) {
    // What is no choice of this version is as if nothing had been chosen.
    const read = storedSchema.safeParse(stored.get());
    this.#choices = new Map(Object.entries(read.success ? read.data : {}));
  }

  /** Fires with the path that a choice was made for. */
  get onDidChange(): Event<string> {
    return this.#changed.event;
  }

  of(path: string): Choice | undefined {
    return this.#choices.get(path);
  }

  /** The same text for the same choices. */
  get digest(): string {
    const sorted = [...this.#choices].sort(([one], [other]) => (one < other ? -1 : 1));
    return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 32);
  }

  get pinned(): string[] {
    return [...this.#choices].flatMap(([path, choice]) => (choice === 'pinned' ? [path] : []));
  }

  /** Undefined: as if nothing had been chosen. A file has one choice: the last. */
  async choose(path: string, choice: Choice | undefined): Promise<void> {
    if (this.#choices.get(path) === choice) return;
    if (choice) this.#choices.set(path, choice);
    else this.#choices.delete(path);
    await this.stored.set(Object.fromEntries(this.#choices));
    this.#changed.fire(path);
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
