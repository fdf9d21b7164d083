// Who holds how much of the device's memory, and who gives back when it is short. Every buffer is counted in one part; nobody takes
// "what is left" by himself.

/** In the order in which they are asked to give back: what is missed least comes first. */
export const memoryParts = ['snapshots', 'sequences', 'experts', 'working set', 'weights'] as const;

/**
 * snapshots: kept states, each of them a text read again if it goes; sequences: keys, values and states of texts; experts: slots for
 * weights that are not all on the device; working set: activations and all that is made once; weights.
 */
export type MemoryPart = (typeof memoryParts)[number];

/** Frees one thing that a part can do without, the one that is missed least; false when there is none. */
export type GiveBack = () => boolean;

export class MemoryPlan {
  readonly #held = new Map<MemoryPart, number>(memoryParts.map(part => [part, 0]));
  readonly #givers = new Map<MemoryPart, Set<GiveBack>>();

  /** limitBytes: what all parts may hold together; undefined: as much as the device gives. */
  constructor(private limitBytes?: number) {}

  /** Bytes that a part holds. */
  held(part: MemoryPart): number {
    return this.#held.get(part) ?? 0;
  }

  /** Bytes that all parts hold. */
  get total(): number {
    return memoryParts.reduce((sum, part) => sum + this.held(part), 0);
  }

  /** What all parts may hold together, as it was measured or set; undefined while nobody knows. */
  set limit(bytes: number | undefined) {
    this.limitBytes = bytes;
  }
  get limit(): number | undefined {
    return this.limitBytes;
  }

  /** Most bytes that a part may hold now, if it would like to hold `wanted`: what the others leave it. */
  budget(part: MemoryPart, wanted: number): number {
    if (this.limitBytes === undefined) return wanted;
    return Math.max(0, Math.min(wanted, this.limitBytes - (this.total - this.held(part))));
  }

  /** A buffer was made (or, with negative bytes, freed). */
  count(part: MemoryPart, bytes: number): void {
    this.#held.set(part, this.held(part) + bytes);
  }

  /** Asks `giveBack` when memory is short and it is this part's turn. Returns how to take that back. */
  onLack(part: MemoryPart, giveBack: GiveBack): () => void {
    const givers = this.#givers.get(part) ?? new Set();
    this.#givers.set(part, givers.add(giveBack));
    return () => givers.delete(giveBack);
  }

  /** Bytes that the parts hold beyond the limit. */
  get over(): number {
    return this.limitBytes === undefined ? 0 : Math.max(0, this.total - this.limitBytes);
  }

  /** Asks the parts in their order until so many bytes are freed, or nobody has more to give; says how many were. */
  giveBack(bytes: number): number {
    const before = this.total;
    for (const part of memoryParts)
      for (const giver of this.#givers.get(part) ?? [])
        while (before - this.total < bytes) if (!giver()) break;
    return before - this.total;
  }
}
