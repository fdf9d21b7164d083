// Reuse of state between requests: a few sequences, each with the ids it has read and snapshots along them.
// The KV cache can be cut anywhere, the DeltaNet state only restored at a snapshot (engine design: prefix cache).
import type {
  DraftStep,
  LanguageModel,
  ModelSequence,
  StateSnapshot,
  StepOptions,
} from '../language_model/language_model.ts';
import { EngineError, errors } from '../protocol/errors.ts';
import { limits } from '../protocol/limits.ts';

/** Requests of one purpose share sequences; completions must not push chats out. */
export type Purpose = 'chat' | 'completion';

const slotsByPurpose: Record<Purpose, number> = {
  chat: limits.chatSequencesMax,
  completion: limits.completionSequencesMax,
};

interface Slot {
  purpose: Purpose;
  sequence: ModelSequence;
  /** Ids the sequence has read; always as many as its position. */
  ids: number[];
  /** Ascending positions. */
  snapshots: StateSnapshot[];
  /** Position of the snapshot that is dropped last: the end of what other conversations begin with too. */
  pinnedAt: number;
  inUse: boolean;
  /** Holds only what was read ahead: no conversation has gone on from it yet. */
  ahead: boolean;
  /** Something failed while it was read: nobody knows what its buffers hold, or whether they are there. */
  broken: boolean;
  lastUsed: number;
}

/** A sequence lent to one request. Release it, whatever happens. */
export interface Lease {
  /** Prompt tokens whose state was there already. */
  readonly reusedTokens: number;
  readonly position: number;
  /** True where step() can pick by sampling (see LanguageModel.samples). */
  readonly samples: boolean;
  /** Reads ids and keeps books. When it fails nothing more can be read. */
  read(ids: readonly number[], logits: 'none' | 'last'): Promise<Float32Array>;
  /** Reads `id` and drafts after it (see LanguageModel.step). When it fails nothing more can be read. */
  step(id: number, options: StepOptions): Promise<DraftStep>;
  /** Of the drafts of the last step, only the first `accepted` were right: the others are taken back. */
  accept(accepted: number): void;
  /** Keeps the state at the current position for later requests; a pinned one is dropped last. */
  keepSnapshot(options?: { pinned: boolean }): void;
  release(): void;
}

export class PrefixCache {
  #slots: Slot[] = [];
  #clock = 0;
  #disposed = false;

  constructor(private readonly model: LanguageModel) {}

  /** Bytes of all snapshots. */
  get snapshotBytes(): number {
    return this.#slots
      .flatMap(slot => slot.snapshots)
      .reduce((sum, snapshot) => sum + snapshot.byteLength, 0);
  }

  /**
   * Lends the free sequence that shares the longest usable prefix with `ids`, gone back to the end of that prefix; an
   * unused one when the prefix is not worth what would be lost for it, or else the one used longest ago.
   * At least one id is left to read. Undefined when every sequence of this purpose is in use.
   * `ahead`: nobody waits for it, so it takes no conversation's state as long as there is another sequence.
   */
  acquire(ids: readonly number[], purpose: Purpose, { ahead = false } = {}): Lease | undefined {
    const all = this.#slots.filter(slot => slot.purpose === purpose);
    const free = all.filter(slot => !slot.inUse).map(slot => ({ slot, ...reusable(slot, ids) }));
    const [longest] = (ahead ? free.filter(isNoLoss) : free).toSorted((a, b) => b.reuse - a.reuse);
    const [oldest] = free.toSorted((a, b) => a.slot.lastUsed - b.slot.lastUsed);
    let best = longest && (ahead || isWorth(longest)) ? longest : undefined;
    if (!best && all.length < slotsByPurpose[purpose]) best = { slot: this.#newSlot(purpose), reuse: 0 };
    best ??= oldest;
    if (!best) return undefined;
    const { slot, reuse, snapshot } = best;
    if (reuse === 0) this.#empty(slot);
    else if (snapshot) {
      slot.sequence.restore(snapshot);
      slot.ids.length = reuse;
      this.#dropAfter(slot, reuse);
    }
    slot.inUse = true;
    slot.ahead = ahead;
    slot.lastUsed = ++this.#clock;
    return this.#lease(slot, reuse);
  }

  /** True when the state after exactly `ids` is there: a sequence stands at it, or has a snapshot of it. */
  holds(ids: readonly number[], purpose: Purpose): boolean {
    return this.#slots.some(
      slot =>
        slot.purpose === purpose &&
        commonLength(slot.ids, ids) === ids.length &&
        (slot.ids.length === ids.length || slot.snapshots.some(({ position }) => position === ids.length)),
    );
  }

  /** Sequences in use are freed when they are released. */
  dispose(): void {
    this.#disposed = true;
    for (const slot of this.#slots.filter(({ inUse }) => !inUse)) this.#free(slot);
  }

  #newSlot(purpose: Purpose): Slot {
    const sequence = this.model.createSequence();
    const slot: Slot = {
      purpose,
      sequence,
      ids: [],
      snapshots: [],
      pinnedAt: 0,
      inUse: false,
      ahead: false,
      broken: false,
      lastUsed: 0,
    };
    this.#slots.push(slot);
    return slot;
  }

  #lease(slot: Slot, reusedTokens: number): Lease {
    let released = false;
    let drafted = 0;
    return {
      reusedTokens,
      samples: this.model.samples ?? false,
      get position() {
        return slot.ids.length;
      },
      read: async (ids, logits) => {
        const out = await this.#guarded(slot, () => this.model.forward(slot.sequence, ids, logits));
        slot.ids.push(...ids);
        return out;
      },
      step: async (id, options) => {
        const step = await this.#guarded(slot, () => this.model.step(slot.sequence, id, options));
        slot.ids.push(id, ...step.drafts);
        drafted = step.drafts.length;
        return step;
      },
      accept: accepted => {
        slot.sequence.takeBack(drafted - accepted);
        slot.ids.length -= drafted - accepted;
        drafted = 0;
      },
      keepSnapshot: options => {
        if (options?.pinned) slot.pinnedAt = slot.sequence.position;
        this.#keepSnapshot(slot);
      },
      release: () => {
        if (released) return;
        released = true;
        slot.inUse = false;
        if (this.#disposed || slot.broken) this.#free(slot);
      },
    };
  }

  /** Does something with a sequence. What fails breaks it: it is freed when it is released, and a new one takes its place. */
  async #guarded<T>(slot: Slot, work: () => Promise<T>): Promise<T> {
    if (slot.broken) throw errors.internal('a sequence was used after it failed');
    try {
      return await work();
    } catch (error) {
      slot.broken = true;
      this.#forget(slot);
      // What others keep may be all that is missing.
      if (error instanceof EngineError && error.code === 'outOfDeviceMemory')
        for (const other of this.#slots.filter(({ inUse }) => !inUse)) this.#free(other);
      throw error;
    }
  }

  #keepSnapshot(slot: Slot): void {
    const { position } = slot.sequence;
    if (position === 0 || slot.snapshots.some(snapshot => snapshot.position === position)) return;
    slot.snapshots.push(slot.sequence.takeSnapshot());
    slot.snapshots.sort((a, b) => a.position - b.position);
    while (slot.snapshots.length > limits.snapshotsPerSequenceMax) thin(slot);
    while (this.snapshotBytes > limits.snapshotBytesMax) {
      const giver = this.#giver();
      if (!giver) return;
      thin(giver);
    }
  }

  /** Who gives a snapshot when they take too much: what was read ahead, down to one; then whoever was used longest ago. */
  #giver(): Slot | undefined {
    return (
      this.#slots.find(slot => slot.ahead && slot.snapshots.length > 1) ??
      this.#slots
        .toSorted((a, b) => a.lastUsed - b.lastUsed)
        .find(candidate => candidate.snapshots.length > 0)
    );
  }

  #dropAfter(slot: Slot, position: number): void {
    for (const snapshot of slot.snapshots) if (snapshot.position > position) snapshot.dispose();
    slot.snapshots = slot.snapshots.filter(snapshot => snapshot.position <= position);
  }

  #empty(slot: Slot): void {
    this.#forget(slot);
    slot.sequence.reset();
  }

  #forget(slot: Slot): void {
    this.#dropAfter(slot, 0);
    slot.pinnedAt = 0;
    slot.ids = [];
  }

  #free(slot: Slot): void {
    this.#forget(slot);
    slot.sequence.dispose();
    this.#slots = this.#slots.filter(other => other !== slot);
  }
}

interface Reusable {
  reuse: number;
  snapshot?: StateSnapshot;
}

/** How much of `ids` a slot has: its live end when all it read is a prefix, else its last snapshot inside the common part. */
function reusable(slot: Slot, ids: readonly number[]): Reusable {
  const common = commonLength(slot.ids, ids);
  if (common === slot.ids.length && common < ids.length) return { reuse: common };
  const usable = Math.min(common, ids.length - 1);
  const snapshot = slot.snapshots.findLast(candidate => candidate.position <= usable);
  return snapshot ? { reuse: snapshot.position, snapshot } : { reuse: 0 };
}

/** How many ids both begin with. */
function commonLength(a: readonly number[], b: readonly number[]): number {
  let common = 0;
  while (common < a.length && common < b.length && a[common] === b[common]) common++;
  return common;
}

/** Nothing that a conversation could go on from is lost: all of it is used, or it was only read ahead itself. */
function isNoLoss({ slot, reuse }: Reusable & { slot: Slot }): boolean {
  return slot.ahead || (reuse > 0 && reuse === slot.ids.length);
}

/** A prefix of less than a batch is read again in one step; a longer text of another conversation is not given up for it. */
function isWorth({ slot, reuse }: Reusable & { slot: Slot }): boolean {
  const lost = slot.ids.length - reuse;
  return reuse > 0 && (reuse >= limits.prefillBatchTokensMax || lost <= limits.prefillBatchTokensMax);
}

/** Drops the snapshot that is missed least: the one whose neighbours are closest together for its distance from the end. */
function thin({ snapshots, pinnedAt }: Slot): void {
  const tip = snapshots.at(-1)?.position ?? 0;
  let victim = 0;
  let least = Infinity;
  for (const [i, { position }] of snapshots.slice(0, -1).entries()) {
    if (position === pinnedAt) continue;
    const before = snapshots[i - 1]?.position ?? 0;
    const after = snapshots[i + 1]?.position ?? tip;
    const gap = (after - before) / (tip - position + 1);
    if (gap < least) {
      least = gap;
      victim = i;
    }
  }
  // With the pinned one and the newest left, the newest goes.
  if (least === Infinity && snapshots[0]?.position === pinnedAt) victim = snapshots.length - 1;
  snapshots.splice(victim, 1)[0]?.dispose();
}
