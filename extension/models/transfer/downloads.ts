// The queue of downloads and imports, of which one runs at a time. Those that were paused or have failed can be resumed.
import { errors } from '../../../engine/protocol/errors.ts';
import { phrase } from '../../../engine/protocol/phrase.ts';
import { t } from '../../l10n.ts';
import { modelErrors } from '../errors.ts';
import { claim } from './claim.ts';
import { factsOfFile, type FileFacts, type ModelOnDisk } from './model_on_disk.ts';
import type { DownloadChoice, Plan } from './plan.ts';
import { problemOf, type ModelProblem } from './problem.ts';
import { RateMeter } from './rate_meter.ts';
import { bytesDone, transfer, type TransferProgress, type TransferTools } from './transfer.ts';

export type DownloadPhase = 'queued' | 'running' | 'paused' | 'verifying' | 'done' | 'failed';

/** One download or import, from the click until it is installed or given up. */
export interface DownloadState {
  id: string;
  kind: 'download' | 'import';
  name: string;
  choice?: DownloadChoice;
  repository?: string;
  /** The pinned commit and the licence, once the hub has named them. */
  revision?: string;
  licence?: string;
  /** With the hashes that the hub has named; empty until it has been asked. */
  files: FileFacts[];
  phase: DownloadPhase;
  /** 0 until the hub has been asked. */
  bytesTotal: number;
  bytesDone: number;
  /** While verifying: bytes hashed. */
  bytesVerified: number;
  bytesPerSecond?: number;
  secondsLeft?: number;
  /** What has happened meanwhile that the user should know, e.g. that the files have changed on the hub. */
  notice?: string;
  error?: ModelProblem;
  /** Set when done. */
  installedId?: string;
}

interface Item {
  plan: Plan;
  state: DownloadState;
  /** False until the plan is on the disk; only then may the download run. */
  isSaved: boolean;
}

export interface DownloadEvents {
  /** With `soon`, only a count has changed, and the news may wait a little. */
  changed(how: { soon: boolean }): void;
  /** Called before the download counts as done. */
  installed(model: ModelOnDisk): Promise<void>;
}

export class Downloads {
  #items: Item[] = [];
  #running: { id: string; stop: AbortController; ended: Promise<void> } | undefined;
  #isClosed = false;

  constructor(
    private readonly tools: () => TransferTools,
    private readonly events: DownloadEvents,
  ) {}

  get states(): DownloadState[] {
    return this.#items.map(({ state }) => ({ ...state }));
  }

  /** Lists the plans that `readPlans` finds on the disk, as paused. Those that are listed already stay as they are. */
  async adoptPlans(readPlans: () => Promise<readonly { plan: Plan; elsewhere: boolean }[]>): Promise<void> {
    const before = new Set(this.#items.filter(({ isSaved }) => isSaved).map(({ plan }) => plan.id));
    const plans = await readPlans();
    const adopted = await Promise.all(plans.map(({ plan, elsewhere }) => this.#adopt(plan, elsewhere)));
    const found = new Set(plans.map(({ plan }) => plan.id));
    // Another window may have finished or removed what is only listed here, or the folder is another one now.
    this.#items = this.#items.filter(
      ({ plan: { id }, state }) =>
        found.has(id) || !before.has(id) || id === this.#running?.id || state.phase === 'done',
    );
    // No waiting from here on: meanwhile another call may have listed a plan, or the user may have cancelled it.
    const listed = new Set(this.#items.map(({ plan }) => plan.id));
    this.#items.push(...adopted.filter(({ plan: { id } }) => !listed.has(id) && !before.has(id)));
    this.events.changed({ soon: false });
  }

  async #adopt(plan: Plan, elsewhere: boolean): Promise<Item> {
    const state = stateOf(plan, 'paused');
    state.bytesDone = await bytesDone(plan, this.tools().store);
    if (elsewhere) state.notice = t('It is being fetched by another window.');
    return { plan, state, isSaved: true };
  }

  /** Queues a new plan. Throws modelBusy when the same thing is already being fetched. */
  async add(plan: Plan): Promise<void> {
    const wanted = JSON.stringify([plan.choice, plan.source]);
    const same = this.#items.find(item => JSON.stringify([item.plan.choice, item.plan.source]) === wanted);
    if (same && same.state.phase !== 'done')
      throw modelErrors.modelBusy(phrase`${plan.name} is already in the list.`);
    if (same) this.#drop(same.plan.id);
    // Listed before the plan is saved, so that a second request for the same thing is refused from now on.
    const item: Item = { plan, state: stateOf(plan, 'queued'), isSaved: false };
    this.#items.push(item);
    try {
      await this.tools().store.savePlan(plan);
    } catch (error) {
      this.#drop(plan.id);
      throw error;
    }
    item.isSaved = true;
    this.#next();
  }

  async pause(id: string): Promise<void> {
    const item = this.#find(id);
    await this.#stop(id);
    if (item.state.phase === 'queued') this.#set(item, { phase: 'paused' });
    this.#next();
  }

  resume(id: string): void {
    const item = this.#find(id);
    if (item.state.phase !== 'paused' && item.state.phase !== 'failed') return;
    this.#set(item, { phase: 'queued', error: undefined, notice: undefined });
    this.#next();
  }

  /** Ends a download and removes what was fetched. */
  async cancel(id: string): Promise<void> {
    const item = this.#find(id);
    await this.#stop(id);
    if (item.state.phase !== 'done') {
      const { store } = this.tools();
      const release = await claim(store.stagingFolder(id)).catch(() => async () => undefined);
      if (!release)
        throw modelErrors.modelBusy(phrase`${item.plan.name} is being fetched by another window.`);
      await store.removePlan(id);
      await release();
    }
    this.#drop(id);
    this.#next();
  }

  /** Stops for good and keeps what was fetched. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.pauseAll();
  }

  /** Pauses what waits or runs, and resolves when nothing runs any more. */
  async pauseAll(): Promise<void> {
    for (const item of this.#items) if (item.state.phase === 'queued') this.#set(item, { phase: 'paused' });
    if (this.#running) await this.#stop(this.#running.id);
  }

  #next(): void {
    this.events.changed({ soon: false });
    if (this.#running || this.#isClosed) return;
    const item = this.#items.find(({ state, isSaved }) => isSaved && state.phase === 'queued');
    if (!item) return;
    const stop = new AbortController();
    this.#set(item, { phase: 'running', error: undefined });
    const ended = this.#run(item, stop.signal).then(() => {
      this.#running = undefined;
      this.#next();
    });
    this.#running = { id: item.plan.id, stop, ended };
  }

  /** Never rejects: a failure becomes the state of the download. */
  async #run(item: Item, signal: AbortSignal): Promise<void> {
    let release: (() => Promise<void>) | undefined;
    try {
      const tools = this.tools();
      await tools.store.savePlan(item.plan);
      release = await claim(tools.store.stagingFolder(item.plan.id));
      if (!release)
        throw modelErrors.modelBusy(phrase`${item.plan.name} is being fetched by another window.`);
      const model = await transfer(item.plan, tools, this.#progressOf(item), signal);
      await this.events.installed(model);
      this.#set(item, {
        phase: 'done',
        installedId: model.id,
        bytesPerSecond: undefined,
        secondsLeft: undefined,
      });
    } catch (error) {
      const rest = { bytesPerSecond: undefined, secondsLeft: undefined };
      if (signal.aborted) this.#set(item, { phase: 'paused', ...rest });
      else this.#set(item, { phase: 'failed', error: problemOf(error), ...rest });
    } finally {
      await release?.();
    }
  }

  #progressOf(item: Item): TransferProgress {
    const meter = new RateMeter();
    const { state } = item;
    return {
      planned: (plan, bytesDone) => {
        item.plan = plan;
        this.#set(item, { ...stateOf(plan, 'running'), bytesDone, notice: state.notice });
      },
      arrived: bytes => {
        const now = performance.now();
        meter.add(bytes, now);
        state.bytesDone += bytes;
        state.bytesPerSecond = meter.bytesPerSecond(now);
        state.secondsLeft =
          state.bytesPerSecond === undefined || state.bytesPerSecond === 0
            ? undefined
            : (state.bytesTotal - state.bytesDone) / state.bytesPerSecond;
        this.events.changed({ soon: true });
      },
      verifying: bytesVerified => {
        Object.assign(state, {
          phase: 'verifying',
          bytesVerified,
          bytesPerSecond: undefined,
          secondsLeft: undefined,
        });
        this.events.changed({ soon: true });
      },
      notice: notice => this.#set(item, { notice }),
    };
  }

  async #stop(id: string): Promise<void> {
    if (this.#running?.id !== id) return;
    this.#running.stop.abort();
    await this.#running.ended;
  }

  #find(id: string): Item {
    const item = this.#items.find(({ plan }) => plan.id === id);
    if (!item) throw errors.badUsage(phrase`This download is not in the list any more.`);
    return item;
  }

  #drop(id: string): void {
    this.#items = this.#items.filter(({ plan }) => plan.id !== id);
  }

  #set(item: Item, change: Partial<DownloadState>): void {
    Object.assign(item.state, change);
    this.events.changed({ soon: false });
  }
}

function stateOf(plan: Plan, phase: DownloadState['phase']): DownloadState {
  const origin = plan.origin?.kind === 'hub' ? plan.origin : undefined;
  return {
    id: plan.id,
    kind: plan.kind,
    name: plan.name,
    choice: plan.choice,
    repository: origin?.repository,
    revision: origin?.revision,
    licence: plan.licence,
    files: plan.files.map(file => factsOfFile(file.name, file)),
    phase,
    bytesTotal: plan.files.reduce((sum, { bytes }) => sum + bytes, 0),
    bytesDone: 0,
    bytesVerified: 0,
  };
}
