// The state of a workspace's block on the disk, for one loaded model: it is brought back before it would be read again, and kept when it
// was read. Conversations are not kept.
import type { PrefixCache } from '../generate/prefix_cache.ts';
import { leastMissed } from '../generate/prefix_index.ts';
import { stateBytes, type TextState } from '../kept/state_file.ts';
import type { FoundText, StateStore } from '../kept/state_store.ts';
import type { LanguageModel, StateSnapshot } from '../language_model/language_model.ts';
import { HearthError } from '../protocol/errors.ts';
import { limits } from '../protocol/limits.ts';

/** Of one text: its end, and places before it that an edit goes on from. */
const snapshotsMax = 4;
/** A state larger than this is not written with every edit, to spare the disk. */
const largeBytes = 64 * 1024 * 1024;
const largeEveryMs = 5 * 60 * 1000;

interface KeptStatesDeps {
  store: StateStore;
  cache: PrefixCache;
  model: Pick<LanguageModel, 'writeSnapshots'>;
  /** All that the state depends on beside the ids. */
  key: string;
  /** The time, in ms. */
  now?: () => number;
}

export class KeptStates {
  /** When a large state was written last, in ms. */
  #largeAt = -Infinity;
  readonly #now: () => number;

  constructor(private readonly deps: KeptStatesDeps) {
    this.#now = deps.now ?? Date.now;
  }

  /**
   * Brings back what the disk has of the state of `ids`, where that is more than is there. Yields between pages, and ends with the
   * signal. Never throws for what is on the disk: what is damaged or does not fit is deleted. Throws gpuError, deviceLost.
   */
  async *restore(ids: readonly number[], signal: AbortSignal): AsyncGenerator<void, void> {
    const { store, cache, key } = this.deps;
    const found = await store.find(key, ids);
    if (!found) return;
    const there = cache.reusableTokens(ids, 'chat', { whole: true });
    if (found.position - there < limits.prefillBatchTokensLeast) return;
    const snapshots = yield* this.#read(found, signal);
    // What was read meanwhile has its place already, and these go again.
    if (snapshots) cache.adopt(ids, snapshots);
  }

  async *#read(found: FoundText, signal: AbortSignal): AsyncGenerator<void, StateSnapshot[] | undefined> {
    const { store, model } = this.deps;
    const file = await store.open(found);
    if (!file) return undefined;
    try {
      // Another one may have come to this name meanwhile.
      if (!file.description.states.some(({ position }) => position === found.position)) return undefined;
      const states = await file.states(found.position);
      const writing = model.writeSnapshots(file.pages(found.position), states);
      for (;;) {
        const { done, value } = await writing.next();
        if (done) return value;
        yield;
        if (!signal.aborted) continue;
        await writing.return([]);
        return undefined;
      }
    } catch (error) {
      if (error instanceof HearthError && error.code !== 'badSnapshot') throw error;
      await store.drop(found, error);
      return undefined;
    } finally {
      await file.close();
    }
  }

  /** How the block of a workspace was laid out when its state was used last; undefined when none is kept. */
  layout(workspace: string): Promise<string | undefined> {
    return this.deps.store.layout(this.deps.key, workspace);
  }

  /** So many ms after now the state of `ids` should be kept; 0: now. */
  waitMs(ids: readonly number[]): number {
    const held = this.deps.cache.hold(ids);
    const bytes = stateBytes({ ids, snapshots: spread(held.snapshots) });
    held.release();
    return bytes < largeBytes ? 0 : Math.max(0, this.#largeAt + largeEveryMs - this.#now());
  }

  /**
   * Keeps the state of what `ids` begin with, as far as there is one in memory; what the disk has counts as used. Yields between pages,
   * and ends with the signal. Throws gpuError, deviceLost.
   */
  async *save(
    ids: readonly number[],
    { workspace, layout }: { workspace: string; layout: () => string },
    signal: AbortSignal,
  ): AsyncGenerator<void, void> {
    const { store, cache, key } = this.deps;
    const held = cache.hold(ids);
    try {
      const snapshots = spread(held.snapshots);
      const position = snapshots.at(-1)?.position ?? 0;
      if (position < limits.prefillBatchTokensLeast) return;
      const kept = ids.slice(0, position);
      const found = await store.find(key, kept);
      if (found?.position === position) return await store.use(found);
      const text: TextState = { key, workspace, layout: layout(), ids: kept, snapshots };
      for await (const _ of store.keep(text)) {
        yield;
        if (signal.aborted) return;
      }
      if (stateBytes(text) >= largeBytes) this.#largeAt = this.#now();
    } finally {
      held.release();
    }
  }
}

/** At most snapshotsMax of them, the last one and others that are far from one another. */
function spread(snapshots: readonly StateSnapshot[]): StateSnapshot[] {
  let marks = snapshots.map(snapshot => ({ snapshot, position: snapshot.position, pinned: false }));
  while (marks.length > snapshotsMax) {
    const least = leastMissed(marks);
    marks = marks.filter(mark => mark !== least);
  }
  return marks.map(({ snapshot }) => snapshot);
}
