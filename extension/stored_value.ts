// A value that is kept between sessions.

/** One value in a memento of the editor, or in whatever else keeps it. What is read back must be checked. */
export interface StoredValue {
  get(): unknown;
  set(value: unknown): Promise<void>;
}

/** What is used of the editor's Memento. */
interface Memento {
  get(key: string): unknown;
  update(key: string, value: unknown): Thenable<void>;
}

/** The value under a key of a memento; the key may change while it is used. */
export function storedIn(memento: Memento, key: string | (() => string)): StoredValue {
  const now = (): string => (typeof key === 'string' ? key : key());
  return { get: () => memento.get(now()), set: async value => memento.update(now(), value) };
}
