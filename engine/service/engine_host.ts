// The engine's one device and its one model, and the queue of all work on them. Clients come and go (client_session.ts).
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { checkpointDigest } from '../checkpoint/digest.ts';
import { follow } from '../generate/interruption.ts';
import type { StateStore } from '../kept/state_store.ts';
import { Scheduler, urgency, type Urgency } from '../generate/scheduler.ts';
import { errors, type HearthError } from '../protocol/errors.ts';
import type {
  DeviceFacts,
  DeviceProbe,
  KernelProgress,
  LoadModelParams,
  LoadProgress,
  ModelFacts,
} from '../protocol/lifecycle.ts';
import { errorLine } from '../protocol/log_line.ts';
import type { EngineDevice } from './device.ts';
import { draftIdsMax, type IdCounts } from './id_counts.ts';
import type { IdStore } from './id_store.ts';
import { joinLoaded, type Loaded, type OpenedModel } from './loaded.ts';
import { Prewarm } from './prewarm.ts';
import { throttled } from './throttled.ts';

/** Where device and models come from; tests have their own. */
export interface Openers {
  device(): Promise<EngineDevice>;
  model(path: string): Promise<OpenedModel>;
  /** Where counts of ids are kept; unset: nothing is counted, and drafts are chosen among all ids. */
  ids?: IdStore;
  /** Where the state of workspaces' blocks is kept; unset: nowhere. */
  states?: StateStore;
  /** Where outlines of workspaces' files are kept; unset: nowhere. */
  symbolsDirectory?: string;
}

export interface LoadRequest extends LoadModelParams {
  /** Drafts in every step, where the model has an MTP block; unset: as many as pay. */
  drafts?: number | undefined;
}

export class EngineHost {
  /** Reads the block of a workspace before somebody asks about it. */
  readonly prewarm: Prewarm;
  /** Called with every model that was loaded. */
  readonly onLoaded = new Set<(loaded: Loaded) => void>();
  /** Called whenever `compiling` may have changed. */
  readonly onCompiling = new Set<() => void>();
  readonly #scheduler = new Scheduler();
  /** One for each job that is queued or runs. */
  readonly #jobs = new Set<AbortController>();
  readonly #closing = new AbortController();
  #device: EngineDevice | undefined;
  #opening: Promise<EngineDevice> | undefined;
  #loaded: Loaded | undefined;
  /** Of the texts that the model in force reads. */
  #idCounts: IdCounts | undefined;
  /** The end of the last load, whatever came of it. */
  #loadEnded: Promise<unknown> = Promise.resolve();
  #probe: Promise<DeviceProbe> | undefined;
  #draining = false;

  constructor(private readonly openers: Openers) {
    this.prewarm = new Prewarm((steps, signal) => this.run(urgency.prewarm, steps, signal));
  }

  /** Opens the device once. Throws noAdapter, deviceSelfTestFailed, limitTooSmall. */
  async open(): Promise<DeviceFacts> {
    this.#opening ??= this.openers.device();
    try {
      this.#device = await this.#opening;
      this.#device.onKernels.add(this.#tellCompiling);
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
    return this.#device.facts;
  }

  /** What a model may take of the device, measured once between other work. Throws notInitialized. */
  probe(): Promise<DeviceProbe> {
    const device = this.#device;
    if (!device) throw errors.notInitialized();
    this.#probe ??= this.#loadEnded
      .then(() => this.#scheduler.runWhole(urgency.prewarm, () => device.probe()))
      .catch((error: unknown) => {
        this.#probe = undefined;
        throw error;
      });
    return this.#probe;
  }

  /** Resolves when the device is lost. */
  get lost(): Promise<HearthError> {
    return this.#device ? this.#device.lost : new Promise(() => undefined);
  }

  /** While a model is loaded and kernels still compile: how many are compiled, of all that were asked for; else undefined. */
  get compiling(): KernelProgress | undefined {
    if (!this.#device || !this.#loaded) return undefined;
    const { done, total } = this.#device.kernels;
    return done < total ? { done, total } : undefined;
  }

  get symbolsDirectory(): string | undefined {
    return this.openers.symbolsDirectory;
  }

  /** The model in force, if there is one. */
  get loaded(): Loaded | undefined {
    return this.#loaded;
  }

  /** The model in force. Throws noModel. */
  requireLoaded(): Loaded {
    if (!this.#loaded) throw errors.noModel();
    return this.#loaded;
  }

  /**
   * Lets running work end as cancelled, frees the old model, loads the new one. Loads run one after another. A file that
   * is missing, is no model or has no usable tokenizer is found out before the old model goes, which then stays.
   */
  load(
    request: LoadRequest,
    onProgress: (progress: LoadProgress) => void,
    signal?: AbortSignal,
  ): Promise<ModelFacts> {
    const load = this.#loadEnded.then(() => this.#load(request, onProgress, signal));
    this.#loadEnded = load.catch(() => undefined);
    return load;
  }

  async #load(
    { path, ...options }: LoadRequest,
    onProgress: (progress: LoadProgress) => void,
    signal?: AbortSignal,
  ): Promise<ModelFacts> {
    const device = this.#device;
    if (!device) throw errors.notInitialized();
    const started = performance.now();
    onProgress({ stage: 'reading', doneBytes: 0, totalBytes: 0 });
    const abort = new AbortController();
    const unfollow = follow(abort, [this.#closing.signal, signal]);
    try {
      const opened = await this.openers.model(path);
      try {
        await this.#unload();
        const { tokenizer } = opened.text;
        const isLarge = tokenizer.vocabularySize > draftIdsMax;
        const counts = isLarge ? await this.openers.ids?.read(tokenizer) : undefined;
        const model = await device.load(opened.checkpoint, {
          ...options,
          draftIds: counts?.frequent(),
          onProgress: throttled(onProgress),
          signal: abort.signal,
        });
        try {
          // What was read for the load is still at hand.
          const states = await this.#statesOf(opened.checkpoint);
          this.#loaded = joinLoaded(path, model, opened.text, performance.now() - started, {
            drafts: options.drafts,
            deviceFault: device.fault,
            onRead: ids => counts?.note(ids),
            states,
          });
          this.#idCounts = model.draftsMax > 0 ? counts : undefined;
        } catch (error) {
          model.dispose();
          throw error;
        }
      } finally {
        await opened.close();
      }
    } finally {
      unfollow();
    }
    for (const listener of this.onLoaded) listener(this.#loaded);
    return this.#loaded.facts;
  }

  /** Where state of a model with these weights is kept; undefined where none is, or where they cannot be told apart. */
  async #statesOf(checkpoint: Checkpoint): Promise<{ store: StateStore; digest: string } | undefined> {
    const { states: store } = this.openers;
    await store?.tidy();
    if (!store?.isOn) return undefined;
    try {
      return { store, digest: await checkpointDigest(checkpoint) };
    } catch (error) {
      console.error(errorLine(`no state is kept of this model: ${String(error)}`));
      return undefined;
    }
  }

  /**
   * Runs the steps of a job in the queue. The signal they get is aborted with any of `signals`, and when the model goes: they are
   * expected to end with their next step.
   */
  async run<T>(
    level: Urgency,
    steps: (signal: AbortSignal) => AsyncGenerator<void, T>,
    ...signals: (AbortSignal | undefined)[]
  ): Promise<T> {
    const abort = new AbortController();
    const unfollow = follow(abort, signals);
    this.#jobs.add(abort);
    if (this.#draining) abort.abort('cancelled');
    try {
      return await this.#scheduler.run(level, steps(abort.signal), abort.signal);
    } finally {
      unfollow();
      this.#jobs.delete(abort);
    }
  }

  /** Holds back kernels that nobody waits for, until the function that is returned is called. */
  holdKernels(): () => void {
    return this.#device?.holdKernels() ?? (() => undefined);
  }

  /** Ends running work as cancelled, a running load with its error, and frees everything. Nothing can be opened after it. */
  async dispose(): Promise<void> {
    this.#closing.abort();
    await this.#loadEnded;
    await this.#unload();
    await this.#opening?.catch(() => undefined);
    this.#device?.dispose();
    this.#device = undefined;
  }

  async #unload(): Promise<void> {
    this.#draining = true;
    for (const job of this.#jobs) job.abort('cancelled');
    try {
      await this.#scheduler.drained();
    } finally {
      this.#draining = false;
    }
    this.#loaded?.cache.dispose();
    this.#loaded?.model.dispose();
    this.#loaded = undefined;
    const counts = this.#idCounts;
    this.#idCounts = undefined;
    if (counts)
      await this.openers.ids
        ?.write(counts)
        .catch((error: unknown) =>
          console.error(errorLine(`counts of ids could not be kept: ${String(error)}`)),
        );
    this.prewarm.forgetAll();
  }

  readonly #tellCompiling = (): void => {
    for (const listener of this.onCompiling) listener();
  };
}
