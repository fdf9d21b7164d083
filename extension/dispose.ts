// Ownership in the extension: what is added is freed last-in first-out, once, even when one part throws.

export interface Disposable {
  dispose(): void;
}

/** Frees what was added, newest first. Something added after disposal is freed at once. */
export class DisposableStore implements Disposable {
  readonly #items: Disposable[] = [];
  #disposed = false;

  /** Takes over `item` and hands it back. */
  add<T extends Disposable>(item: T): T {
    if (this.#disposed) item.dispose();
    else this.#items.push(item);
    return item;
  }

  dispose(): void {
    this.#disposed = true;
    const failures: unknown[] = [];
    for (let item = this.#items.pop(); item; item = this.#items.pop()) {
      try {
        item.dispose();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Some parts failed while being disposed.');
  }
}

/** Wraps a function as something to dispose. */
export function toDisposable(dispose: () => void): Disposable {
  return { dispose };
}
