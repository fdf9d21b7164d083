// What the engine does, behind both the JSON-RPC connection and the command line, so that the two cannot differ.
import { openCheckpoint } from '../checkpoint/open_checkpoint.ts';
import { generate, type GenerateResult } from '../generate/generator.ts';
import { createSampler } from '../generate/sampler.ts';
import { Scheduler, urgency } from '../generate/scheduler.ts';
import { openGpu, type Gpu } from '../gpu/device.ts';
import { probeDevice } from '../gpu/probe.ts';
import { bytesPerToken } from '../model/bytes_per_token.ts';
import { loadModel } from '../model/load.ts';
import { Qwen3Next } from '../model/qwen3_next.ts';
import type { ChatSendParams, ChatSendResult } from '../protocol/chat.ts';
import type { CompletionParams, CompletionResult } from '../protocol/completion.ts';
import { errors, type EngineError } from '../protocol/errors.ts';
import type {
  DeviceFacts,
  DeviceProbe,
  KernelProgress,
  LoadModelParams,
  LoadProgress,
  ModelFacts,
} from '../protocol/lifecycle.ts';
import type { IngestParams, WorkspaceStatus } from '../protocol/workspace.ts';
import { keptVariants } from '../tuning/variants.ts';
import { Workspace } from '../workspace/workspace.ts';
import { answerBound, chatSteps, generateContext, prewarmSteps, type ChatListeners } from './chat.ts';
import { completionSteps } from './completion.ts';
import { layOut, layOutIfChanged } from './lay_out.ts';
import { joinLoaded, loadText, type Loaded } from './loaded.ts';
import { throttled } from './throttled.ts';

/** Asked before every step. */
export type IsCancelled = () => boolean;

export class EngineService {
  readonly #scheduler = new Scheduler();
  readonly #workspaces = new Map<string, Workspace>();
  /** Newest completion of each document; older ones end as superseded. */
  readonly #newestCompletion = new Map<string, symbol>();
  #gpu: Gpu | undefined;
  #opening: Promise<Gpu> | undefined;
  #loaded: Loaded | undefined;
  /** The end of the last load, whatever came of it. */
  #loadEnded: Promise<unknown> = Promise.resolve();
  readonly #closing = new AbortController();
  #probe: Promise<DeviceProbe> | undefined;
  /** The last reading ahead: of which block, and whether it was told to stop. */
  #prewarm: { block: string | undefined; stopped: boolean } | undefined;
  #draining = false;

  /** Called when `compiling` may have changed. */
  onCompiling: (() => void) | undefined;
  readonly #tellCompiling = (): void => this.onCompiling?.();

  /** drafts: so many drafts a step, where the model has an MTP block; unset: as many as pay. */
  constructor(private readonly drafts?: number) {}

  /** Opens the GPU once. Throws noAdapter, deviceSelfTestFailed, limitTooSmall. */
  async open(): Promise<DeviceFacts> {
    this.#opening ??= openGpu();
    try {
      this.#gpu = await this.#opening;
      this.#gpu.pipelines.onCount.add(this.#tellCompiling);
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
    return this.#gpu.facts;
  }

  /** What a model may take of the device, measured once between other work. Throws notInitialized. */
  probe(): Promise<DeviceProbe> {
    const gpu = this.#gpu;
    if (!gpu) throw errors.notInitialized();
    this.#probe ??= this.#loadEnded
      .then(() => this.#scheduler.runWhole(urgency.prewarm, () => probeDevice(gpu)))
      .catch((error: unknown) => {
        this.#probe = undefined;
        throw error;
      });
    return this.#probe;
  }

  /** Resolves when the device is lost. */
  get lost(): Promise<EngineError> {
    return this.#gpu ? this.#gpu.lost : new Promise(() => undefined);
  }

  /** While a model is loaded and kernels still compile: how many are compiled, of all that were asked for; else undefined. */
  get compiling(): KernelProgress | undefined {
    if (!this.#gpu || !this.#loaded) return undefined;
    const { done, total } = this.#gpu.pipelines.counts;
    return done < total ? { done, total } : undefined;
  }

  get hasModel(): boolean {
    return this.#loaded !== undefined;
  }

  /** The tests' way in: a model that needs no GPU. */
  useLoaded(loaded: Loaded): void {
    this.#loaded = loaded;
  }

  /** Lets running work end as cancelled, frees the old model, loads the new one. Loads run one after another. */
  load(
    params: LoadModelParams,
    onProgress: (progress: LoadProgress) => void,
    signal?: AbortSignal,
  ): Promise<ModelFacts> {
    const load = this.#loadEnded.then(() => this.#load(params, onProgress, signal));
    this.#loadEnded = load.catch(() => undefined);
    return load;
  }

  async #load(
    { path, ...options }: LoadModelParams,
    onProgress: (progress: LoadProgress) => void,
    signal?: AbortSignal,
  ): Promise<ModelFacts> {
    const gpu = this.#gpu;
    if (!gpu) throw errors.notInitialized();
    const started = performance.now();
    onProgress({ stage: 'reading', doneBytes: 0, totalBytes: 0 });
    const checkpoint = await openCheckpoint(path);
    try {
      // What is cheap to check is checked before the old model goes.
      const text = await loadText(checkpoint);
      await this.#unload();
      const model = await loadModel(gpu, checkpoint, {
        ...options,
        mtp: this.drafts === undefined ? !gpu.software : this.drafts > 0,
        variants: keptVariants(),
        onProgress: throttled(onProgress),
        signal: AbortSignal.any([this.#closing.signal, ...(signal ? [signal] : [])]),
      });
      try {
        this.#loaded = joinLoaded(path, model, text, performance.now() - started, this.drafts);
      } catch (error) {
        model.dispose();
        throw error;
      }
    } finally {
      await checkpoint.close();
    }
    for (const workspace of this.#workspaces.values()) layOut(this.#loaded, workspace);
    return this.#loaded.facts;
  }

  /** One answer. A cancelled one resolves with what is there. Throws noModel, contextFull, badParams for an unknown workspace. */
  chat(
    params: Pick<ChatSendParams, 'messages' | 'workspace' | 'maxTokens' | 'think' | 'sampling' | 'stop'>,
    listeners: Omit<ChatListeners, 'interrupted'>,
    isCancelled: IsCancelled,
  ): Promise<ChatSendResult> {
    const loaded = this.#requireLoaded();
    const workspace = params.workspace === undefined ? undefined : this.#requireWorkspace(params.workspace);
    // A prewarm gives its sequence back, with what it has read so far. Without a workspace it only waits.
    if (workspace) this.#stopPrewarm();
    const interrupted = () => (isCancelled() || this.#draining ? 'cancelled' : undefined);
    // The first token comes before kernels that nobody waits for.
    const goOn = this.#gpu?.pipelines.holdLater();
    const onPrefill = (doneTokens: number, totalTokens: number): void => {
      listeners.onPrefill?.(doneTokens, totalTokens);
      if (doneTokens === totalTokens) goOn?.();
    };
    return this.#scheduler
      .run(urgency.chat, chatSteps(loaded, workspace, params, { ...listeners, onPrefill, interrupted }))
      .finally(goOn);
  }

  /** Continues plain text, for the command line: no template, no workspace. */
  continueText(
    {
      prompt,
      maxTokens,
      sampling,
      stop,
    }: { prompt: string } & Pick<ChatSendParams, 'maxTokens' | 'sampling' | 'stop'>,
    listeners: Omit<ChatListeners, 'interrupted'>,
  ): Promise<GenerateResult> {
    const loaded = this.#requireLoaded();
    const request = {
      purpose: 'chat' as const,
      ids: loaded.tokenizer.encode(prompt, { special: true }),
      snapshotsAt: [],
      maxTokens: answerBound(loaded.model, maxTokens),
      sampler: createSampler(sampling),
      stopIds: new Set(loaded.tokenizer.eosIds),
      stopStrings: stop ?? [],
      interrupted: () => (this.#draining ? ('cancelled' as const) : undefined),
      ...listeners,
    };
    return this.#scheduler.run(urgency.chat, generate(generateContext(loaded), request));
  }

  /** One completion; an older one of the same document ends as superseded. */
  complete(params: CompletionParams, isCancelled: IsCancelled): Promise<CompletionResult> {
    const loaded = this.#requireLoaded();
    const self = Symbol(params.documentId);
    this.#newestCompletion.set(params.documentId, self);
    const deadline = performance.now() + params.deadlineMs;
    const interrupted = () => {
      if (isCancelled() || this.#draining) return 'cancelled';
      if (this.#newestCompletion.get(params.documentId) !== self) return 'superseded';
      return performance.now() > deadline ? 'deadline' : undefined;
    };
    return this.#scheduler
      .run(urgency.completion, completionSteps(loaded, params, interrupted))
      .finally(() => {
        if (this.#newestCompletion.get(params.documentId) === self)
          this.#newestCompletion.delete(params.documentId);
      });
  }

  /** Takes a batch of files; after the last one the block is laid out and read in the background, unless it is as it was. */
  ingest(params: IngestParams): WorkspaceStatus {
    const loaded = this.#requireLoaded();
    let workspace = this.#workspaces.get(params.workspace);
    if (!workspace) this.#workspaces.set(params.workspace, (workspace = new Workspace(params.workspace)));
    workspace.ingest(params);
    if (params.final) {
      layOutIfChanged(loaded, workspace);
      if (this.#prewarm?.block !== workspace.block) this.#startPrewarm(loaded, workspace);
    }
    return workspace.status;
  }

  status(workspace: string): WorkspaceStatus {
    return this.#requireWorkspace(workspace).status;
  }

  forget(workspace: string): void {
    this.#workspaces.delete(workspace);
    this.#stopPrewarm();
    this.#prewarm = undefined;
  }

  /** Counted work of one decoded token at a position, for --stats; empty for a model that does not count. */
  counters(position: number): { dispatches_per_token?: number; bytes_per_token?: number } {
    const model = this.#loaded?.model;
    if (!(model instanceof Qwen3Next)) return {};
    return { dispatches_per_token: model.dispatchCount, bytes_per_token: bytesPerToken(model, position) };
  }

  /** Ends running work as cancelled, a running load with its error, and frees everything. Nothing can be opened after it. */
  async dispose(): Promise<void> {
    this.#closing.abort();
    await this.#loadEnded;
    await this.#unload();
    await this.#opening?.catch(() => undefined);
    this.#gpu?.dispose();
    this.#gpu = undefined;
  }

  async #unload(): Promise<void> {
    this.#draining = true;
    try {
      await this.#scheduler.drained();
    } finally {
      this.#draining = false;
    }
    this.#loaded?.cache.dispose();
    this.#loaded?.model.dispose();
    this.#loaded = undefined;
    this.#prewarm = undefined;
  }

  #startPrewarm(loaded: Loaded, workspace: Workspace): void {
    this.#stopPrewarm();
    const mine = (this.#prewarm = { block: workspace.block, stopped: false });
    this.#scheduler
      .run(
        // A stopped one goes first: whoever stopped it waits for the sequence it holds.
        () => (mine.stopped ? urgency.completion : urgency.prewarm),
        prewarmSteps(loaded, workspace, () => (mine.stopped || this.#draining ? 'cancelled' : undefined)),
      )
      .catch((error: unknown) => {
        if (this.#prewarm === mine) this.#prewarm = undefined;
        console.error(`reading the workspace ahead failed: ${String(error)}`);
      });
  }
  #stopPrewarm(): void {
    if (this.#prewarm) this.#prewarm.stopped = true;
  }

  #requireLoaded(): Loaded {
    if (!this.#loaded) throw errors.noModel();
    return this.#loaded;
  }
  #requireWorkspace(name: string): Workspace {
    const workspace = this.#workspaces.get(name);
    if (!workspace) throw errors.badParams(`no workspace "${name}" has been ingested`);
    return workspace;
  }
}
