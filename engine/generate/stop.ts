// Stop strings across token borders: text that may be the beginning of one is held back until it is clear.

export class StopStrings {
  #held = '';
  constructor(private readonly strings: readonly string[]) {}

  /** Text to show now, and whether a stop string was met (it and what follows are dropped). */
  push(text: string): { text: string; stopped: boolean } {
    const all = this.#held + text;
    let cut = -1;
    for (const stop of this.strings) {
      const at = stop === '' ? -1 : all.indexOf(stop);
      if (at >= 0 && (cut < 0 || at < cut)) cut = at;
    }
    if (cut >= 0) {
      this.#held = '';
      return { text: all.slice(0, cut), stopped: true };
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
