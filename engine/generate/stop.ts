// Stop strings across token borders: text that may be the beginning of one is held back until it is clear.

export class StopStrings {
  #held = '';
  constructor(private readonly strings: readonly string[]) {}

  /** Text to show now, and whether a stop string was met (it and what follows are dropped). */
  push(text: string): { text: string; stopped: boolean } {
    const all = this.#held + text;
    // The one complete first wins, as it would if the text came character by character.
    let first: { start: number; end: number } | undefined;
    for (const stop of this.strings) {
      const start = stop === '' ? -1 : all.indexOf(stop);
      const end = start + stop.length;
      if (start >= 0 && (!first || end < first.end || (end === first.end && start < first.start)))
        first = { start, end };
    }
    if (first) {
      this.#held = '';
      return { text: all.slice(0, first.start), stopped: true };
    }
    const keep = this.strings.reduce((longest, stop) => Math.max(longest, overlap(all, stop)), 0);
    this.#held = all.slice(all.length - keep);
    return { text: all.slice(0, all.length - keep), stopped: false };
  }

  /** What is still held back when generation ends for another reason. */
  end(): string {
    const rest = this.#held;
    this.#held = '';
    return rest;
  }
}

/** Length of the longest end of `text` that begins `stop`. */
function overlap(text: string, stop: string): number {
  for (let length = Math.min(text.length, stop.length - 1); length > 0; length--)
    if (text.endsWith(stop.slice(0, length))) return length;
  return 0;
}
