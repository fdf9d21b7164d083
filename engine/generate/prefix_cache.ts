// Reuse of state between requests: snapshots of all that was read, in one tree for all of them, and a few sequences that are lent to one
// request each. A request goes on in a sequence that stands at the end of what its prompt begins with, or in any other from a snapshot;
// keys and values are shared and not copied. What goes first is settled in prefix_index.ts (docs/MODEL.md 12).
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
import { firstToGo, leastMissed, PrefixIndex, type Mark } from './prefix_index.ts';

/** Requests of one purpose share sequences; completions must not push chats out. */
export type Purpose = 'chat' | 'completion';

const slotsByPurpose: Record<Purpose, number> = {
  chat: limits.chatSequencesMax,
  completion: limits.completionSequencesMax,
};

interface Slot {
  purpose: Purpose;
  sequence: ModelSequence;
  /** What the sequence has read, as many ids as its position. */
  ids: number[];
  /** Where the sequence stands, while nobody uses it. */
  mark: Mark<Kept> | undefined;
  /** It reads what nobody has asked for yet. */
  ahead: boolean;
  /** Greater than that of every sequence that was lent before. */
  lastUsed: number;
  inUse: boolean;
  /** Something failed while it was read: nobody knows what its buffers hold, or whether they are there. */
  broken: boolean;
}

/** What a text can go on from. */
type Kept = KeptSnapshot | { slot: Slot };
interface KeptSnapshot {
  snapshot: StateSnapshot;
  /** Only completions have gone on from it. */
  ofCompletion: boolean;
  /** It came from the disk, and nobody has been told yet who goes on from it. */
  fromDisk: boolean;
  /** It is being read: it is freed only afterwards. */
  readers: number;
  dropped: boolean;
}

/** Snapshots of one text that are being read. */
export interface HeldSnapshots {
  /** In ascending order of positions. */
  readonly snapshots: readonly StateSnapshot[];
  /** They may be freed from now on. */
  release(): void;
}
type SnapshotMark = Mark<Kept> & { state: KeptSnapshot };
type SlotMark = Mark<Kept> & { state: { slot: Slot } };

/** How a prompt is asked for. */
interface Asked {
  /** Nobody waits for it. */
  ahead: boolean;
  /** What follows the prompt is known: nothing of it need be left to read. */
  whole: boolean;
}

/** A sequence lent to one request. Release it, whatever happens. */
export interface Lease {
  /** Prompt tokens whose state was there already. */
  readonly reusedTokens: number;
  /** Those of them that were read from the disk since somebody last asked. */
  readonly diskTokens: number;
  /** Where other texts have gone on in another way, behind what was there: a state that is worth keeping. */
  readonly branchAt: number | undefined;
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
  readonly #index = new PrefixIndex<Kept>();
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
    return this.#snapshots().reduce((sum, { state }) => sum + state.snapshot.byteLength, 0);
  }

  /**
   * Lends a sequence that has read what `ids` begin with, as much of it as there is a state of: the one that stands there, or another
   * that goes on from a snapshot. At least one id is left to read, unless `whole`. Undefined when every sequence of this purpose is in
   * use. `ahead`: nobody waits for it, so what it reads goes first. `whole`: what follows the ids is known, so all of them may be
   * there already. Throws outOfDeviceMemory when there is no memory for a sequence, and none that nobody uses.
   */
  async acquire(
    ids: readonly number[],
    purpose: Purpose,
    { ahead = false, whole = false }: Partial<Asked> = {},
  ): Promise<Lease | undefined> {
    const lastUsed = ++this.#clock;
    const standing = this.#standingAt(ids, { purpose, whole });
    if (standing) {
      const { slot } = standing.state;
      const reuse = standing.position;
      return this.#lease(slot, { reuse, ...this.#lend(slot, ids, { reuse, ahead, lastUsed }) });
    }
    const slot = await this.#workingSlot(purpose);
    if (!slot) return undefined;
    // Snapshots may have gone meanwhile.
    const snapshot = this.#snapshotFor(ids, { whole });
    try {
      if (snapshot) slot.sequence.restore(snapshot.state.snapshot);
      else slot.sequence.reset();
    } catch (error) {
      this.#free(slot);
      throw error;
    }
    const reuse = snapshot?.position ?? 0;
    slot.ids = ids.slice(0, reuse);
    return this.#lease(slot, { reuse, ...this.#lend(slot, ids, { reuse, ahead, lastUsed }) });
  }

  /** How many of the ids acquire() would find there already, were no sequence in use. */
  reusableTokens(ids: readonly number[], purpose: Purpose, { whole = false } = {}): number {
    const usable = usableOf(ids, whole);
    const ends = this.#slots
      .filter(slot => slot.purpose === purpose && slot.ids.length <= usable && begins(ids, slot.ids))
      .map(slot => slot.ids.length);
    return Math.max(0, this.#snapshotFor(ids, { whole })?.position ?? 0, ...ends);
  }

  /** True when the state after exactly `ids` is there: a sequence of this purpose stands at it, or there is a snapshot of it. */
  holds(ids: readonly number[], purpose: Purpose): boolean {
    return this.reusableTokens(ids, purpose, { whole: true }) === ids.length;
  }

  /** The snapshots of what `ids` begin with, to be read. */
  hold(ids: readonly number[]): HeldSnapshots {
    const held = this.#index.match(ids).marks.filter(isSnapshot);
    for (const { state } of held) state.readers++;
    return {
      snapshots: held.map(({ state }) => state.snapshot),
      release: () => {
        for (const { state } of held.splice(0))
          if (--state.readers === 0 && state.dropped) state.snapshot.dispose();
      },
    };
  }

  /** Takes over snapshots of what `ids` begin with, which came from the disk; the last one is dropped last, as it was before. */
  adopt(ids: readonly number[], snapshots: readonly StateSnapshot[]): void {
    const lastUsed = ++this.#clock;
    for (const snapshot of snapshots) {
      const { position } = snapshot;
      const known = this.#snapshotFor(ids.slice(0, position), { whole: true })?.position === position;
      if (this.#disposed || known) {
        snapshot.dispose();
        continue;
      }
      const state = keptSnapshot(snapshot, { ofCompletion: false, fromDisk: true });
      const mark = this.#index.add(ids, state, { position, ahead: true, lastUsed });
      mark.pinned = snapshot === snapshots.at(-1);
    }
    this.#thin(ids);
  }

  /** Sequences in use are freed when they are released. */
  dispose(): void {
    this.#disposed = true;
    for (const stop of this.#stopGiving) stop?.();
    for (const mark of this.#snapshots()) this.#drop(mark);
    while (this.#freeOldest());
  }

  /** The free sequence that stands farthest in `ids`, unless a snapshot is farther. */
  #standingAt(
    ids: readonly number[],
    { purpose, whole }: { purpose: Purpose; whole: boolean },
  ): SlotMark | undefined {
    const usable = usableOf(ids, whole);
    const marks = this.#index.match(ids).marks.filter(({ position }) => position <= usable);
    const standing = marks.filter(isSlot).findLast(({ state }) => state.slot.purpose === purpose);
    const snapshotAt = marks.findLast(isSnapshot)?.position ?? 0;
    return standing && standing.position >= snapshotAt ? standing : undefined;
  }

  #snapshotFor(ids: readonly number[], { whole }: { whole: boolean }): SnapshotMark | undefined {
    const usable = usableOf(ids, whole);
    return this.#index
      .match(ids)
      .marks.filter(isSnapshot)
      .findLast(({ position }) => position <= usable);
  }

  /**
   * Lends it to somebody who reads `ids`, of which it has read `reuse`: where others have left them behind that, and how many of them are
   * from the disk, which is told once.
   */
  #lend(
    slot: Slot,
    ids: readonly number[],
    { reuse, ahead, lastUsed }: { reuse: number; ahead: boolean; lastUsed: number },
  ): { branchAt: number | undefined; diskTokens: number } {
    const { common, marks } = this.#index.match(ids);
    let diskTokens = 0;
    for (const mark of marks) {
      mark.lastUsed = lastUsed;
      mark.ahead &&= ahead;
      if (!isSnapshot(mark)) continue;
      mark.state.ofCompletion &&= slot.purpose === 'completion';
      if (mark.state.fromDisk && mark.position <= reuse) diskTokens = mark.position;
      mark.state.fromDisk &&= ahead;
    }
    this.#take(slot);
    slot.ahead = ahead;
    slot.lastUsed = lastUsed;
    const isWorth = common < ids.length && common - reuse >= limits.prefillBatchTokensLeast;
    return { branchAt: isWorth ? common : undefined, diskTokens };
  }

  /** It is in use, and stands nowhere any longer. */
  #take(slot: Slot): void {
    slot.inUse = true;
    if (slot.mark) this.#index.remove(slot.mark);
    slot.mark = undefined;
  }

  /**
   * A sequence for something else than what it has read, in use by whoever waits for it: one whose state is there without it, a new one
   * while there is room, or the one that was used longest ago, whose state is kept. Undefined when all are in use.
   */
  async #workingSlot(purpose: Purpose): Promise<Slot | undefined> {
    const all = this.#slots.filter(slot => slot.purpose === purpose);
    const free = all.filter(({ inUse }) => !inUse).toSorted((a, b) => a.lastUsed - b.lastUsed);
    const idle = free.find(slot => this.#lost(slot) === 0);
    if (idle) {
      this.#take(idle);
      return idle;
    }
    if (all.length + this.#coming[purpose] < slotsByPurpose[purpose]) return this.#newSlot(purpose);
    const oldest = free.find(({ ahead }) => ahead) ?? free[0];
    if (!oldest) return undefined;
    const lost = this.#lost(oldest);
    this.#take(oldest);
    // Less than a batch is read again in one step, and another completion begins elsewhere.
    if (lost < limits.prefillBatchTokensLeast || purpose === 'completion' || oldest.ahead) return oldest;
    try {
      await this.#keep(oldest);
      return oldest;
    } catch (error) {
      this.#free(oldest);
      throw error;
    }
  }

  /** Ids that would have to be read again if the state of a sequence went. */
  #lost({ ids }: Slot): number {
    return ids.length - (this.#snapshotFor(ids, { whole: true })?.position ?? 0);
  }

  /** In use from the start, by whoever waits for it. */
  async #newSlot(purpose: Purpose): Promise<Slot> {
    this.#coming[purpose]++;
    try {
      const sequence = await this.model.createSequence();
      const slot: Slot = {
        purpose,
        sequence,
        ids: [],
        mark: undefined,
        ahead: false,
        lastUsed: 0,
        inUse: true,
        broken: false,
      };
      this.#slots.push(slot);
      return slot;
    } finally {
      this.#coming[purpose]--;
    }
  }

  #lease(
    slot: Slot,
    { reuse, branchAt, diskTokens }: { reuse: number; branchAt: number | undefined; diskTokens: number },
  ): Lease {
    // What a completion waits for must not wait for a chat's batch.
    const between = slot.purpose === 'completion';
    let released = false;
    let drafted = 0;
    const isLast = (): boolean => this.#lastRead === slot;
    return {
      reusedTokens: reuse,
      diskTokens,
      branchAt,
      samples: this.model.samples ?? false,
      get position() {
        return slot.ids.length;
      },
      get undisturbed() {
        return isLast();
      },
      batchTokens: wanted => this.#guarded(slot, () => this.model.batchTokens(wanted, between)),
      read: (ids, logits, options) => this.#read(slot, ids, logits, { ...options, between }),
      step: async (id, options) => {
        const step = await this.#guarded(slot, () => this.model.step(slot.sequence, id, options));
        slot.ids.push(id, ...step.drafts);
        drafted = step.drafts.length;
        this.onRead([id]);
        return step;
      },
      accept: accepted => {
        slot.sequence.takeBack(drafted - accepted);
        slot.ids.length -= drafted - accepted;
        if (accepted > 0) this.onRead(slot.ids.slice(-accepted));
        drafted = 0;
      },
      keepSnapshot: ({ pinned } = { pinned: false }) => this.#guarded(slot, () => this.#keep(slot, pinned)),
      release: () => {
        if (released) return;
        released = true;
        slot.inUse = false;
        if (this.#disposed || slot.broken) this.#free(slot);
        else if (slot.ids.length > 0) slot.mark = this.#index.add(slot.ids, { slot }, atEnd(slot));
      },
    };
  }

  /** Keeps the state at which a sequence stands, unless it is there already or there is no memory for it. */
  async #keep(slot: Slot, pinned = false): Promise<void> {
    const position = slot.ids.length;
    if (position === 0) return;
    const known = this.#snapshotFor(slot.ids, { whole: true });
    let mark = known?.position === position ? known : undefined;
    if (!mark) {
      const snapshot = await slot.sequence.takeSnapshot();
      if (this.#disposed) snapshot?.dispose();
      if (!snapshot || this.#disposed) return;
      const state = keptSnapshot(snapshot, { ofCompletion: slot.purpose === 'completion' });
      mark = this.#index.add(slot.ids, state, atEnd(slot)) as SnapshotMark;
    }
    mark.pinned ||= pinned;
    this.#thin(slot.ids);
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
          slot.ids.push(...ids);
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
      slot.ids = [];
      throw error;
    }
  }

  #snapshots(): SnapshotMark[] {
    return [...this.#index.marks].filter(isSnapshot);
  }

  /** Drops snapshots until their limits are met, of a text and of all. */
  #thin(ids: readonly number[]): void {
    for (;;) {
      const ofText = this.#index.match(ids).marks.filter(isSnapshot);
      const least = leastMissed(ofText);
      if (ofText.length <= limits.snapshotsPerSequenceMax || !least) break;
      this.#drop(least);
    }
    for (;;) {
      const ofCompletions = this.#snapshots().filter(({ state }) => state.ofCompletion);
      const first = firstToGo(ofCompletions);
      if (ofCompletions.length <= limits.completionSnapshotsMax || !first) break;
      this.#drop(first);
    }
    const most = limits.snapshotBytesMax;
    while (this.snapshotBytes > (this.model.memory?.budget('snapshots', most) ?? most))
      if (!this.#dropSnapshot()) return;
  }

  /** Drops the snapshot that is missed least; false when there is none. */
  #dropSnapshot(): boolean {
    const first = firstToGo(this.#snapshots());
    if (first) this.#drop(first);
    return first !== undefined;
  }

  #drop(mark: SnapshotMark): void {
    const { state } = mark;
    this.#index.remove(mark);
    state.dropped = true;
    if (state.readers === 0) state.snapshot.dispose();
  }

  /** Frees the sequence used longest ago, of those that nobody uses; false when there is none. */
  #freeOldest(): boolean {
    const [oldest] = this.#slots.filter(({ inUse }) => !inUse).toSorted((a, b) => a.lastUsed - b.lastUsed);
    if (oldest) this.#free(oldest);
    return oldest !== undefined;
  }

  #free(slot: Slot): void {
    if (slot.mark) this.#index.remove(slot.mark);
    slot.sequence.dispose();
    this.#slots = this.#slots.filter(other => other !== slot);
    if (this.#lastRead === slot) this.#lastRead = undefined;
  }
}

function isSnapshot(mark: Mark<Kept>): mark is SnapshotMark {
  return 'snapshot' in mark.state;
}
function keptSnapshot(
  snapshot: StateSnapshot,
  of: { ofCompletion: boolean; fromDisk?: boolean },
): KeptSnapshot {
  return { snapshot, fromDisk: false, ...of, readers: 0, dropped: false };
}
function isSlot(mark: Mark<Kept>): mark is SlotMark {
  return 'slot' in mark.state;
}

/** A mark where a sequence stands. */
function atEnd({ ids, ahead, lastUsed }: Slot): Pick<Mark<Kept>, 'position' | 'ahead' | 'lastUsed'> {
  return { position: ids.length, ahead, lastUsed };
}

/** So many ids of a prompt may be there already: what follows the last one must be known, or is read for. */
function usableOf(ids: readonly number[], whole: boolean): number {
  return whole ? ids.length : ids.length - 1;
}

/** Whether `ids` begin with `first`. */
function begins(ids: readonly number[], first: readonly number[]): boolean {
  return first.every((id, i) => ids[i] === id);
}
