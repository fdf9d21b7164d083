// Token bytes -> whole characters: an unfinished UTF-8 sequence is held back, invalid bytes become U+FFFD.

export class TextStream {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  /** Text that is complete after these bytes. */
  push(bytes: Uint8Array): string {
    return this.#decoder.decode(bytes, { stream: true });
  }

  /** What was held back, at the end. */
  end(): string {
    return this.#decoder.decode();
  }
}
