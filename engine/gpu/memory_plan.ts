// Who holds how much of the device's memory, and who gives back when it is short. Every tensor counts as memory of one part; none
// takes "what is left" by itself. What passes between host and device (uploads, read-back) is not counted and has bounds of its own.

/** In the order in which they are asked to give back: what is missed least comes first. */
export const memoryParts = [
  'snapshots',
  'draft head',
  'sequences',
  'experts',
  'working set',
  'weights',
] as const;

/**
 * snapshots: kept states, each of them a text read again if it goes; draft head: rows of the head that drafts are chosen among, without
 * which they take longer; sequences: keys, values and states of texts; experts: slots for weights that are not all on the device; working
 * set: activations and all that is made once; weights.
 */
export type MemoryPart = (typeof memoryParts)[number];

/** Frees one thing that a part can do without, the one that is missed least; false when there is none. */
export type GiveBack = () => boolean;

/** Room that is kept for later. */
export interface Slack {
  /** So much of it is not in use. */
  bytes(): number;
  /** Gives back as much of that as it can. */
  release(): Promise<void>;
}

export class MemoryPlan {
  readonly #held = new Map<MemoryPart, number>(memoryParts.map(part => [part, 0]));
  readonly #slack = new Set<Slack>();
  readonly #givers = new Map<MemoryPart, Set<GiveBack>>();

  /** limit: bytes that all parts should hold at most, as they were measured; undefined: as much as the device gives. */
  constructor(public limit?: number | undefined) {}

  /** Bytes that a part holds. */
  held(part: MemoryPart): number {
    return this.#held.get(part) ?? 0;
  }

  /** Bytes that all parts hold. */
  get total(): number {
    return memoryParts.reduce((sum, part) => sum + this.held(part), 0);
  }

  /** Most bytes that a part may hold now, if it would like to hold `wanted`: what the others leave it. */
  budget(part: MemoryPart, wanted: number): number {
    if (this.limit === undefined) return wanted;
    return Math.max(0, Math.min(wanted, this.limit - (this.total - this.held(part))));
  }

  /** Bytes that can still be taken once all snapshots are given back. */
  get room(): number {
    return this.limit === undefined ? Infinity : this.limit - this.total + this.held('snapshots');
  }

  /** Bytes that can still be taken beside all that there is. */
  get roomBeside(): number {
    return this.limit === undefined ? Infinity : this.limit - this.total;
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
    return this.limit === undefined ? 0 : Math.max(0, this.total - this.limit);
  }

  /** Somebody keeps room that is not in use, and can do without it. Returns how to take that back. */
  onSlack(slack: Slack): () => void {
    this.#slack.add(slack);
    return () => this.#slack.delete(slack);
  }

  /** Asks the parts in their order until so many bytes are freed, or nobody has more to give; says how many were. */
  async giveBack(bytes: number): Promise<number> {
    const before = this.total;
    const free = (): number =>
      [...this.#slack].reduce((sum, slack) => sum + slack.bytes(), before - this.total);
    if (bytes > 0) this.giveUntil(() => free() >= bytes);
    const freed = (): number => before - this.total;
    if (bytes > freed()) for (const slack of this.#slack) await slack.release();
    // Room that is not in use takes memory to be given back: where that was lacking, others give more.
    if (bytes > freed() && this.giveUntil(() => freed() >= bytes) && bytes > freed())
      for (const slack of this.#slack) await slack.release();
    return freed();
  }

  /** Asks the parts in their order until it is enough, or nobody has more to give; says whether somebody gave. */
  giveUntil(enough: () => boolean): boolean {
    let gave = false;
    for (const part of memoryParts)
      for (const giver of this.#givers.get(part) ?? [])
        while (!enough()) {
          if (!giver()) break;
          gave = true;
        }
    return gave;
  }
}
