// Ids of the texts between added tokens. A conversation is encoded again with every message, a workspace with every
// change of a file: most stretches are the same as before, and encoding is a second per megabyte or two.

/** All texts kept together: a whole workspace block and a long conversation. */
const charsMax = 4_000_000;

export class StretchCache {
  /** In order of use, oldest first. */
  readonly #ids = new Map<string, readonly number[]>();
  #chars = 0;

  constructor(private readonly encodeText: (text: string) => readonly number[]) {}

  /** The ids of a text; shared, not to be changed. */
  encode(text: string): readonly number[] {
    if (text === '') return [];
    const known = this.#ids.get(text);
    const ids = known ?? this.encodeText(text);
    if (known) this.#ids.delete(text);
    else this.#chars += text.length;
    this.#ids.set(copyOf(text), ids);
    for (const oldest of this.#ids.keys()) {
      if (this.#chars <= charsMax) break;
      this.#ids.delete(oldest);
      this.#chars -= oldest.length;
    }
    return ids;
  }
}

/** A cut from a long text keeps the whole of it alive; a copy does not. */
function copyOf(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
