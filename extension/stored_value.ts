// A value that is kept between sessions. Types only.

/** One value in a memento of the editor, or in whatever else keeps it. What is read back must be checked. */
export interface StoredValue {
  get(): unknown;
  set(value: unknown): Promise<void>;
}
