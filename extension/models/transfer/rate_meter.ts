// Speed of a download over the last seconds, and the time that is left at that speed. Pure: the clock is passed in.

const windowMs = 10_000;
/** No rate is given earlier than this: the first figures would jump. */
const warmUpMs = 1_000;

export class RateMeter {
  readonly #samples: { atMs: number; bytes: number }[] = [];

  /** `bytes` have arrived at `atMs`. */
  add(bytes: number, atMs: number): void {
    const last = this.#samples.at(-1);
    // A few samples a second are enough; more would only cost memory.
    if (last && atMs - last.atMs < 100) last.bytes += bytes;
    else this.#samples.push({ atMs, bytes });
    while ((this.#samples[0]?.atMs ?? atMs) < atMs - windowMs) this.#samples.shift();
  }

  /** Undefined until there is enough to go by, and after a while of silence. */
  bytesPerSecond(nowMs: number): number | undefined {
    const recent = this.#samples.filter(({ atMs }) => atMs >= nowMs - windowMs);
    const [first] = recent;
    if (!first || nowMs - first.atMs < warmUpMs) return undefined;
    return (1000 * recent.reduce((sum, { bytes }) => sum + bytes, 0)) / (nowMs - first.atMs);
  }
}
