// Which ids are held where, and what a prompt can reuse of them: the policy of the prefix cache. Pure: it knows ids, positions and
// sizes, but no model, and frees nothing.
import { limits } from '../protocol/limits.ts';

/** What the index knows of a snapshot. */
export interface SnapshotEntry {
  readonly position: number;
  readonly byteLength: number;
}

/** The ids that one sequence has read, and the snapshots along them. */
export class HeldText<S extends SnapshotEntry> {
  /** As many as the position of the sequence. */
  readonly ids: number[] = [];
  /** Holds only what was read ahead: no conversation has gone on from it yet. */
  ahead = false;
  /** Greater than that of every text used before. */
  lastUsed = 0;
  /** Ascending positions. */
  #snapshots: S[] = [];
  /** Position of the snapshot that is dropped last: the end of what other conversations begin with too. */
  #pinnedAt = 0;

  get snapshotCount(): number {
    return this.#snapshots.length;
  }
  get snapshotBytes(): number {
    return this.#snapshots.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  hasSnapshotAt(at: number): boolean {
    return this.#snapshots.some(({ position }) => position === at);
  }

  add(snapshot: S): void {
    this.#snapshots.push(snapshot);
    this.#snapshots.sort((a, b) => a.position - b.position);
  }

  /** The snapshot at `position` is dropped last; no other is pinned any longer. */
  pin(position: number): void {
    this.#pinnedAt = position;
  }

  /** Nothing after `position` is held any longer. Returns the snapshots that are dropped. */
  cutTo(position: number): S[] {
    const dropped = this.#snapshots.filter(snapshot => snapshot.position > position);
    this.#snapshots = this.#snapshots.filter(snapshot => snapshot.position <= position);
    this.ids.length = position;
    if (position === 0) this.#pinnedAt = 0;
    return dropped;
  }

  /** Drops and returns the snapshot that is missed least: the one whose neighbours are closest together for its distance from the end. */
  thin(): S | undefined {
    const snapshots = this.#snapshots;
    const tip = snapshots.at(-1)?.position ?? 0;
    let victim = 0;
    let least = Infinity;
    for (const [i, { position }] of snapshots.slice(0, -1).entries()) {
      if (position === this.#pinnedAt) continue;
      const before = snapshots[i - 1]?.position ?? 0;
      const after = snapshots[i + 1]?.position ?? tip;
      const gap = (after - before) / (tip - position + 1);
      if (gap < least) {
        least = gap;
        victim = i;
      }
    }
    // With the pinned one and the newest left, the newest goes.
    if (least === Infinity && snapshots[0]?.position === this.#pinnedAt) victim = snapshots.length - 1;
    return snapshots.splice(victim, 1)[0];
  }

  /**
   * What a prompt of `ids` can go on from: the end when all that was read is a prefix, else the last snapshot in the common part.
   * One id is left to read, unless `whole`: then the prompt may be all that was read.
   */
  reusable(ids: readonly number[], { whole = false } = {}): Reusable<S> {
    const common = commonLength(this.ids, ids);
    if (common === this.ids.length && (whole || common < ids.length)) return { reuse: common };
    const usable = Math.min(common, ids.length - 1);
    const snapshot = this.#snapshots.findLast(({ position }) => position <= usable);
    return snapshot ? { reuse: snapshot.position, snapshot } : { reuse: 0 };
  }

  /** True when the state after exactly `ids` is there: at the end, or in a snapshot. */
  holds(ids: readonly number[]): boolean {
    const { length } = ids;
    return (
      commonLength(this.ids, ids) === length && (this.ids.length === length || this.hasSnapshotAt(length))
    );
  }
}

/** How many ids of a prompt are there already, and the snapshot to restore for it, unless the text ends there. */
export interface Reusable<S> {
  reuse: number;
  snapshot?: S;
}

/** Whoever holds a text. */
interface Holder<S extends SnapshotEntry> {
  readonly held: HeldText<S>;
}

/** A holder to read a prompt with. */
export type Choice<H, S> = Reusable<S> & { holder: H };

/** How a prompt is asked for. */
export interface Asked {
  /** Nobody waits for it, so no conversation's state is taken. */
  ahead: boolean;
  /** What follows the prompt is known: nothing of it need be left to read. */
  whole: boolean;
}

/**
 * Who of the `free` holders reads a prompt: the one that shares the longest usable prefix, if that is worth what would be lost for it.
 * Undefined: an unused one should, or else oldestOf().
 */
export function bestFor<S extends SnapshotEntry, H extends Holder<S>>(
  free: readonly H[],
  ids: readonly number[],
  { ahead, whole }: Asked,
): Choice<H, S> | undefined {
  const choices = free.map(holder => ({ holder, ...holder.held.reusable(ids, { whole }) }));
  const [longest] = (ahead ? choices.filter(isNoLoss) : choices).toSorted((a, b) => b.reuse - a.reuse);
  return longest && (ahead || isWorth(longest)) ? longest : undefined;
}

/** The holder used longest ago. */
export function oldestOf<H extends Holder<SnapshotEntry>>(holders: readonly H[]): H | undefined {
  return byLastUse(holders)[0];
}

/** Who gives a snapshot when all take too much: what was read ahead, down to one; then whoever was used longest ago. */
export function giverAmong<H extends Holder<SnapshotEntry>>(holders: readonly H[]): H | undefined {
  return (
    holders.find(({ held }) => held.ahead && held.snapshotCount > 1) ??
    byLastUse(holders).find(({ held }) => held.snapshotCount > 0)
  );
}

function byLastUse<H extends Holder<SnapshotEntry>>(holders: readonly H[]): H[] {
  return holders.toSorted((a, b) => a.held.lastUsed - b.held.lastUsed);
}

/** Nothing that a conversation could go on from is lost: all of it is used, or it was only read ahead itself. */
function isNoLoss({ holder: { held }, reuse }: Choice<Holder<SnapshotEntry>, SnapshotEntry>): boolean {
  return held.ahead || (reuse > 0 && reuse === held.ids.length);
}

/** A prefix of less than a batch is read again in one step; a longer text of another conversation is not given up for it. */
function isWorth({ holder: { held }, reuse }: Choice<Holder<SnapshotEntry>, SnapshotEntry>): boolean {
  const lost = held.ids.length - reuse;
  return reuse > 0 && (reuse >= limits.prefillBatchTokensLeast || lost <= limits.prefillBatchTokensLeast);
}

/** How many ids both begin with. */
function commonLength(a: readonly number[], b: readonly number[]): number {
  let common = 0;
  while (common < a.length && common < b.length && a[common] === b[common]) common++;
  return common;
}
