// Reuse of state between requests: a few sequences, lent to one request each, with the ids they have read and snapshots along them.
// The KV cache of a sequence can be cut anywhere, its DeltaNet state only restored at a snapshot. What is reused, and what is given
// up for it, is settled in prefix_index.ts (docs/MODEL.md 12).
import type {
  StepResult,
  LanguageModel,
  ModelSequence,
  ReadOptions,
  StateSnapshot,
  StepOptions,
} from '../language_model/language_model.ts';
import { errors } from '../protocol/errors.ts';
import { limits } from '../protocol/limits.ts';
import { bestFor, giverAmong, HeldText, oldestOf, type Asked, type Choice } from './prefix_index.ts';

/** Requests of one purpose share sequences; completions must not push chats out. */
export type Purpose = 'chat' | 'completion';

const slotsByPurpose: Record<Purpose, number> = {
  chat: limits.chatSequencesMax,
  completion: limits.completionSequencesMax,
};

interface Slot {
  purpose: Purpose;
  sequence: ModelSequence;
  /** What the sequence has read. */
  held: HeldText<StateSnapshot>;
  inUse: boolean;
  /** Something failed while it was read: nobody knows what its buffers hold, or whether they are there. */
  broken: boolean;
}

/** A sequence lent to one request. Release it, whatever happens. */
export interface Lease {
  /** Prompt tokens whose state was there already. */
  readonly reusedTokens: number;
  readonly position: number;
  /** Tokens that the next read() had better have, at most `wanted` (see LanguageModel.batchTokens). */
  batchTokens(wanted: number): Promise<number>;
  /** True where step() can pick by sampling (see LanguageModel.samples). */
  readonly samples: boolean;
  /** True while no other sequence of the model has read anything since this one last did. */
  readonly undisturbed: boolean;
  /**
   * Reads ids and keeps books (see LanguageModel.read). Ended at a yield, it has read none of them; when it fails nothing more can be
   * read.
   */
  read(
    ids: readonly number[],
    logits: 'none' | 'last',
    options?: Pick<ReadOptions, 'ahead'>,
  ): AsyncGenerator<void, Float32Array>;
  /** Reads `id` and drafts after it (see LanguageModel.step). When it fails nothing more can be read. */
  step(id: number, options: StepOptions): Promise<StepResult>;
  /** Of the drafts of the last step, only the first `accepted` were right: the others are taken back. */
  accept(accepted: number): void;
  /**
   * Keeps the state at the current position for later requests; a pinned one is dropped last. Without memory for it, it is not kept
   * and nothing else changes. When it fails otherwise, nothing more can be read.
   */
  keepSnapshot(options?: { pinned: boolean }): Promise<void>;
  release(): void;
}

export class PrefixCache {
  #slots: Slot[] = [];
  /** Sequences that the model is making. */
  readonly #coming: Record<Purpose, number> = { chat: 0, completion: 0 };
  #clock = 0;
  /** The one that read last. */
  #lastRead: Slot | undefined;
  #disposed = false;

  readonly #stopGiving: readonly ((() => void) | undefined)[];

  /**
   * Gives memory back when the model's device is short of it: snapshots first, then sequences that nobody uses. `onRead` is told of ids
   * that were read and are no drafts.
   */
  constructor(
    private readonly model: LanguageModel,
    private readonly onRead: (ids: readonly number[]) => void = () => undefined,
  ) {
    const { memory } = model;
    this.#stopGiving = [
      memory?.onLack('snapshots', () => this.#dropSnapshot()),
      memory?.onLack('sequences', () => this.#freeOldest()),
    ];
  }

  /** Bytes of all snapshots. */
  get snapshotBytes(): number {
    return this.#slots.reduce((sum, { held }) => sum + held.snapshotBytes, 0);
  }

  /**
   * Lends the free sequence that shares the longest usable prefix with `ids`, gone back to the end of that prefix; an
   * unused one when the prefix is not worth what would be lost for it, or else the one used longest ago.
   * At least one id is left to read, unless `whole`. Undefined when every sequence of this purpose is in use.
   * `ahead`: nobody waits for it, so it takes no conversation's state as long as there is another sequence.
   * `whole`: what follows the ids is known, so all of them may be there already.
   * Throws outOfDeviceMemory when there is no memory for an unused sequence.
   */
  async acquire(
    ids: readonly number[],
    purpose: Purpose,
    { ahead = false, whole = false }: Partial<Asked> = {},
  ): Promise<Lease | undefined> {
    const all = this.#slots.filter(slot => slot.purpose === purpose);
    const free = all.filter(({ inUse }) => !inUse);
    let best: Choice<Slot, StateSnapshot> | undefined = bestFor(free, ids, { ahead, whole });
    if (!best && all.length + this.#coming[purpose] < slotsByPurpose[purpose])
      return this.#lend(await this.#newSlot(purpose), { reuse: 0, ahead });
    if (!best) {
      const holder = oldestOf(free);
      if (!holder) return undefined;
      best = { holder, ...holder.held.reusable(ids, { whole }) };
    }
    const { holder: slot, reuse, snapshot } = best;
    if (reuse === 0) this.#empty(slot);
    else if (snapshot) {
      slot.sequence.restore(snapshot);
      cut(slot, reuse);
    }
    return this.#lend(slot, { reuse, ahead });
  }

  /** How many of the ids acquire() would find there already, were no sequence in use. */
  reusableTokens(ids: readonly number[], purpose: Purpose, { whole = false } = {}): number {
    const all = this.#slots.filter(slot => slot.purpose === purpose);
    const best = bestFor(all, ids, { ahead: false, whole });
    if (best) return best.reuse;
    const given = all.length < slotsByPurpose[purpose] ? undefined : oldestOf(all);
    return given?.held.reusable(ids, { whole }).reuse ?? 0;
  }

  /** True when the state after exactly `ids` is there: a sequence stands at it, or has a snapshot of it. */
  holds(ids: readonly number[], purpose: Purpose): boolean {
    return this.#slots.some(slot => slot.purpose === purpose && slot.held.holds(ids));
  }

  /** Sequences in use are freed when they are released. */
  dispose(): void {
    this.#disposed = true;
    for (const stop of this.#stopGiving) stop?.();
    while (this.#freeOldest());
  }

  #lend(slot: Slot, { reuse, ahead }: { reuse: number; ahead: boolean }): Lease {
    slot.inUse = true;
    slot.held.ahead = ahead;
    slot.held.lastUsed = ++this.#clock;
    return this.#lease(slot, reuse);
  }

  /** In use from the start, by whoever waits for it. */
  async #newSlot(purpose: Purpose): Promise<Slot> {
    this.#coming[purpose]++;
    try {
      const sequence = await this.model.createSequence();
      const slot: Slot = { purpose, sequence, held: new HeldText(), inUse: true, broken: false };
      this.#slots.push(slot);
      return slot;
    } finally {
      this.#coming[purpose]--;
    }
  }

  #lease(slot: Slot, reusedTokens: number): Lease {
    const { held } = slot;
    // What a completion waits for must not wait for a chat's batch.
    const between = slot.purpose === 'completion';
    let released = false;
    let drafted = 0;
    const isLast = (): boolean => this.#lastRead === slot;
    return {
      reusedTokens,
      samples: this.model.samples ?? false,
      get position() {
        return held.ids.length;
      },
      get undisturbed() {
        return isLast();
      },
      batchTokens: wanted => this.#guarded(slot, () => this.model.batchTokens(wanted, between)),
      read: (ids, logits, options) => this.#read(slot, ids, logits, { ...options, between }),
      step: async (id, options) => {
        const step = await this.#guarded(slot, () => this.model.step(slot.sequence, id, options));
        held.ids.push(id, ...step.drafts);
        drafted = step.drafts.length;
        this.onRead([id]);
        return step;
      },
      accept: accepted => {
        slot.sequence.takeBack(drafted - accepted);
        held.ids.length -= drafted - accepted;
        if (accepted > 0) this.onRead(held.ids.slice(-accepted));
        drafted = 0;
      },
      keepSnapshot: async ({ pinned } = { pinned: false }) => {
        const { position } = slot.sequence;
        if (position === 0) return;
        if (!held.hasSnapshotAt(position)) {
          const snapshot = await this.#guarded(slot, () => slot.sequence.takeSnapshot());
          if (!snapshot) return;
          held.add(snapshot);
        }
        if (pinned) held.pin(position);
        this.#thin(held);
      },
      release: () => {
        if (released) return;
        released = true;
        slot.inUse = false;
        if (this.#disposed || slot.broken) this.#free(slot);
      },
    };
  }

  async *#read(
    slot: Slot,
    ids: readonly number[],
    logits: 'none' | 'last',
    options: ReadOptions,
  ): AsyncGenerator<void, Float32Array> {
    const reading = this.model.read(slot.sequence, ids, logits, options);
    let ended = false;
    try {
      for (;;) {
        const { done, value } = await this.#guarded(slot, () => reading.next());
        if (!done) yield;
        else {
          ended = true;
          slot.held.ids.push(...ids);
          this.onRead(ids);
          return value;
        }
      }
    } finally {
      if (!ended && !slot.broken) await this.#guarded(slot, () => reading.return(new Float32Array()));
    }
  }

  /** Does something with a sequence. What fails breaks it: it is freed when it is released, and a new one takes its place. */
  async #guarded<T>(slot: Slot, work: () => Promise<T>): Promise<T> {
    if (slot.broken) throw errors.internal('a sequence was used after it failed');
    this.#lastRead = slot;
    try {
      return await work();
    } catch (error) {
      slot.broken = true;
      cut(slot, 0);
      throw error;
    }
  }

  /** Drops snapshots until their limits are met. */
  #thin(held: HeldText<StateSnapshot>): void {
    while (held.snapshotCount > limits.snapshotsPerSequenceMax) held.thin()?.dispose();
    const most = limits.snapshotBytesMax;
    while (this.snapshotBytes > (this.model.memory?.budget('snapshots', most) ?? most))
      if (!this.#dropSnapshot()) return;
  }

  /** Drops the snapshot that is missed least; false when there is none. */
  #dropSnapshot(): boolean {
    const giver = giverAmong(this.#slots);
    giver?.held.thin()?.dispose();
    return giver !== undefined;
  }

  #empty(slot: Slot): void {
    cut(slot, 0);
    slot.sequence.reset();
  }

  /** Frees the sequence used longest ago, of those that nobody uses; false when there is none. */
  #freeOldest(): boolean {
    const oldest = oldestOf(this.#slots.filter(({ inUse }) => !inUse));
    if (oldest) this.#free(oldest);
    return oldest !== undefined;
  }

  #free(slot: Slot): void {
    cut(slot, 0);
    slot.sequence.dispose();
    this.#slots = this.#slots.filter(other => other !== slot);
    if (this.#lastRead === slot) this.#lastRead = undefined;
  }
}

/** Nothing after `position` is known or kept any longer. */
function cut({ held }: Slot, position: number): void {
  for (const snapshot of held.cutTo(position)) snapshot.dispose();
}
