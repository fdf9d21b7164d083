// Gathers file events until they pause, so that a branch switch becomes one batch. What is ignored is dropped at once: a build
// that writes all the time neither delays other changes nor counts as many. No vscode.
import type { Disposable } from '../dispose.ts';

export interface Changes {
  changed: string[];
  removed: string[];
}
export interface ChangeListener {
  change(changes: Changes): void;
  /** Called instead of `change` when everything must be read again: many paths changed, or an ignore file did. */
  refresh(): void;
}

const pauseMs = 500;
/** More paths than this are a branch switch or an install: one full read is cheaper. */
const pathsMax = 500;

export class ChangeBatch implements Disposable {
  readonly #changed = new Set<string>();
  readonly #removed = new Set<string>();
  #refresh = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly ignores: (path: string) => boolean,
    private readonly listener: ChangeListener,
  ) {}

  /** Notes a file or folder that was made or written. */
  changed(path: string): void {
    if (this.ignores(path)) return;
    this.#removed.delete(path);
    this.#changed.add(path);
    this.#touch(path);
  }

  /** Notes a file or folder that went away. */
  removed(path: string): void {
    if (this.ignores(path)) return;
    this.#changed.delete(path);
    this.#removed.add(path);
    this.#touch(path);
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  #touch(path: string): void {
    this.#refresh ||=
      /(^|\/)\.(gitignore|hearthignore)$/.test(path) || this.#changed.size + this.#removed.size > pathsMax;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#flush(), pauseMs);
  }

  #flush(): void {
    const changes = { changed: [...this.#changed], removed: [...this.#removed] };
    const refresh = this.#refresh;
    this.#changed.clear();
    this.#removed.clear();
    this.#refresh = false;
    if (refresh) this.listener.refresh();
    else this.listener.change(changes);
  }
}
