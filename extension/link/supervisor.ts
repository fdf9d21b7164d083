// Keeps one engine alive: starts it on first use, loads the model in force, starts it again with growing delays when it
// fails, and gives up with a named error. Everybody else only sees EngineState and waits for a ready client.
import { setTimeout as delay } from 'node:timers/promises';
import { CancellationTokenSource, Emitter, type CancellationToken, type Event } from 'vscode-jsonrpc/node';
import { HearthError, errors } from '../../engine/protocol/errors.ts';
import { inEnglish, phrase } from '../../engine/protocol/phrase.ts';
import { linkErrors } from './errors.ts';
import type {
  DeviceFacts,
  EngineStatus,
  KernelProgress,
  LoadModelParams,
  LoadProgress,
  ModelFacts,
} from '../../engine/protocol/lifecycle.ts';
import type { Disposable } from '../dispose.ts';
import { asKnownError } from '../known_error.ts';
import type { Log } from '../log.ts';
import type { EngineClient } from './client.ts';
import {
  isTransient,
  modelNameOf,
  restartDelayMs,
  type EngineState,
  type RefusedModel,
  type RestReason,
} from './engine_state.ts';
import { shakeHands } from './handshake.ts';

/** Failures in a row after which nothing is started any more. */
export const restartsInARowMax = 5;
/** An engine that was ready this long, or has given a whole answer, starts a new row of failures. */
export const restartStableAfterMs = 30_000;

export interface RunningEngine {
  readonly pid: number | undefined;
  readonly client: EngineClient;
  end(): Promise<void>;
}
export interface ReadyEngine {
  client: EngineClient;
  model: ModelFacts;
  /** Rises with every process that is started: a new one knows nothing of what an older one was told. */
  process: number;
  /** Rises with every model that is loaded, in whatever process. */
  generation: number;
  /** The model chosen last could not be loaded; `model` stays loaded instead. */
  refused?: RefusedModel;
  /** How long the caller has waited for it; absent when it was ready at once. */
  waitedMs?: number;
}
export interface SupervisorDeps {
  launch(): Promise<RunningEngine>;
  /** The model in force now. */
  model(): LoadModelParams;
  clientVersion: string;
  log: Log;
  /** Replaced in tests. */
  wait?: (delayMs: number, signal: AbortSignal) => Promise<void>;
  now?: () => number;
  /** What the model at a path is called; by default what the engine calls it. */
  nameOf?: (path: string) => string;
}

type Ending = { kind: 'failed'; error: HearthError } | { kind: 'changed' } | { kind: 'aborted' };
type LoadOutcome = { kind: 'loaded' } | ({ kind: 'refused' } & RefusedModel) | Ending;

export class EngineSupervisor implements Disposable {
  readonly #changed = new Emitter<EngineState>();
  readonly #compiled = new Emitter<EngineState>();
  #state: EngineState = { kind: 'stopped' };
  #engine: RunningEngine | undefined;
  #run: { abort: AbortController; done: Promise<void> } | undefined;
  /** While the engine is ended so that the GPU is free. */
  #goingToRest: Promise<void> | undefined;
  #onModelChange: () => void = () => undefined;
  #disposed = false;
  #process = 0;
  #generation = 0;
  #readySince: number | undefined;
  /** The engine of now has given a whole answer. */
  #hasAnswered = false;
  /** When the first load was asked for; undefined once it has ended. */
  #startedAt: number | undefined;
  /** When it last did something that the user wanted. */
  #usedAt = 0;
  /** What the engine reported last, which may be before its answer that the model is loaded. */
  #reported: EngineStatus | undefined;
  /** The model that this process loaded last. */
  #loaded: { model: ModelFacts; generation: number } | undefined;

  constructor(private readonly deps: SupervisorDeps) {}

  get state(): EngineState {
    return this.#state;
  }

  get onDidChangeState(): Event<EngineState> {
    return this.#changed.event;
  }

  /**
   * Fires while ready when the count of compiled kernels changes. Nothing else of the state has changed, so most listeners
   * do not need it.
   */
  get onDidCompile(): Event<EngineState> {
    return this.#compiled.event;
  }

  /** The name of the model in force, loaded or not. */
  get modelName(): string {
    const path = this.#state.kind === 'ready' ? this.#state.model.path : this.deps.model().path;
    return (this.deps.nameOf ?? modelNameOf)(path);
  }

  get pid(): number | undefined {
    return this.#engine?.pid;
  }

  /** True while the engine writes something for the user. */
  get isAnswering(): boolean {
    return this.#engine?.client.isAnswering ?? false;
  }

  /** How long a ready engine has done nothing for the user; 0 while it works, undefined when it is not ready. */
  get idleMs(): number | undefined {
    if (this.#state.kind !== 'ready' || !this.#engine) return undefined;
    return this.#engine.client.isBusy ? 0 : this.#now() - this.#usedAt;
  }

  /** Starts the engine unless it runs already. After a failure it does nothing; only `restart` starts again. */
  start(): void {
    if (this.#run || this.#disposed) return;
    this.#startedAt = this.#now();
    const abort = new AbortController();
    this.#run = { abort, done: this.#supervise(abort.signal) };
  }

  /**
   * Resolves with the engine once a model is ready, or undefined when cancelled or when the engine is sent to rest meanwhile;
   * throws the error of a failed engine. With `retryFailed`, a failed engine is started once more: for what the user has asked for by hand.
   */
  async whenReady(
    token: CancellationToken,
    { retryFailed }: { retryFailed: boolean },
  ): Promise<ReadyEngine | undefined> {
    if (this.#disposed) throw stoppedError();
    const askedAt = this.#now();
    if (this.#goingToRest) await this.#goingToRest;
    if (this.#state.kind === 'failed' && retryFailed) await this.restart();
    const wasReady = this.#state.kind === 'ready';
    this.start();
    return new Promise((resolve, reject) => {
      const subscriptions: Disposable[] = [];
      const look = (): boolean => {
        if (token.isCancellationRequested || this.#isResting) resolve(undefined);
        else if (this.#state.kind === 'failed') reject(this.#state.error);
        else if (this.#state.kind === 'ready' && this.#engine)
          resolve({
            client: this.#engine.client,
            model: this.#state.model,
            process: this.#process,
            generation: this.#state.generation,
            refused: this.#state.refused,
            ...(wasReady ? {} : { waitedMs: this.#now() - askedAt }),
          });
        else return false;
        for (const subscription of subscriptions) subscription.dispose();
        return true;
      };
      if (!look()) subscriptions.push(this.#changed.event(look), token.onCancellationRequested(look));
    });
  }

  /** Ends the engine and starts it anew; the count of failures begins again. */
  async restart(): Promise<void> {
    await this.stop();
    this.start();
  }

  /** The model in force changed: load it, into the running engine when there is one. */
  async modelChanged(): Promise<void> {
    if (this.#state.kind === 'failed') await this.restart();
    else {
      if (this.#state.kind === 'ready') this.#set({ kind: 'loading', device: this.#state.device });
      this.#onModelChange();
    }
  }

  /**
   * Gives up a load, or the start before it: the engine ends, and the state is `failed` with loadCancelled until somebody
   * restarts it.
   */
  async cancelLoad(): Promise<void> {
    const run = this.#run;
    if (!run || !['starting', 'loading', 'restarting'].includes(this.#state.kind)) return;
    this.deps.log.info('Loading the model is cancelled.');
    run.abort.abort();
    await run.done;
    // Not when it was stopped or restarted meanwhile. The ended run stays in place, so that `start` starts no other one.
    if (this.#run === run) this.#set({ kind: 'failed', error: errors.loadCancelled() });
  }

  /** Ends the engine politely and leaves the state `stopped`. */
  async stop(): Promise<void> {
    await this.#end();
  }

  /** Ends the engine so that all that it held of the GPU is free, until it is asked for something again. */
  async rest(reason: RestReason): Promise<void> {
    this.#goingToRest ??= this.#end(reason).finally(() => (this.#goingToRest = undefined));
    await this.#goingToRest;
  }

  dispose(): void {
    this.#disposed = true;
    void this.stop().finally(() => {
      this.#changed.dispose();
      this.#compiled.dispose();
    });
  }

  get #isResting(): boolean {
    return this.#state.kind === 'stopped' && this.#state.rest !== undefined;
  }

  async #end(rest?: RestReason): Promise<void> {
    const run = this.#run;
    if (!run) return;
    run.abort.abort();
    await run.done;
    if (this.#run !== run) return;
    this.#run = undefined;
    this.#set(rest ? { kind: 'stopped', rest } : { kind: 'stopped' });
  }

  async #supervise(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted;) {
      this.#readySince = undefined;
      this.#hasAnswered = false;
      const error = await this.#runOnce(signal);
      if (signal.aborted) return;
      this.deps.log.error(`Engine: ${error.code}: ${error.message}`);
      if (!isTransient(error.code)) return this.#set({ kind: 'failed', error });
      failures = this.#wasStable() ? 1 : failures + 1;
      if (failures > restartsInARowMax)
        return this.#set({ kind: 'failed', error: linkErrors.engineGaveUp(failures, error.phrases.message) });
      this.#set({ kind: 'restarting', error, attempt: failures });
      await (this.deps.wait ?? waitFor)(restartDelayMs(failures), signal);
    }
  }

  /** Runs one engine process from launch to its end; returns the reason why it ended. */
  async #runOnce(signal: AbortSignal): Promise<HearthError> {
    this.#set({ kind: 'starting' });
    this.#reported = this.#loaded = undefined;
    try {
      const engine = (this.#engine = await this.deps.launch());
      this.#process += 1;
      try {
        return await this.#serve(engine, signal);
      } finally {
        this.#engine = undefined;
        await engine.end();
      }
    } catch (error) {
      return asKnownError(error);
    }
  }

  async #serve({ client }: RunningEngine, signal: AbortSignal): Promise<HearthError> {
    const aborted = new Promise<Ending>(resolve =>
      signal.addEventListener('abort', () => resolve({ kind: 'aborted' }), { once: true }),
    );
    if (signal.aborted) return stoppedError();
    client.onStatus(status => this.#hearStatus(status));
    client.onUsed(() => (this.#usedAt = this.#now()));
    client.onAnswered(() => (this.#hasAnswered = true));
    const broken = Promise.race([client.failed, this.#lostDevice(client)]).then((error): Ending => ({
      kind: 'failed',
      error,
    }));

    const opened = await Promise.race([
      shakeHands(client, this.deps.clientVersion, this.deps.log),
      broken,
      aborted,
    ]);
    if ('kind' in opened) return opened.kind === 'failed' ? opened.error : stoppedError();
    for (;;) {
      const change = new Promise<Ending>(
        resolve => (this.#onModelChange = () => resolve({ kind: 'changed' })),
      );
      const outcome = await this.#load(client, opened, { change, ended: Promise.race([broken, aborted]) });
      if (outcome.kind === 'changed') continue;
      if (outcome.kind === 'failed') return outcome.error;
      if (outcome.kind === 'aborted' || !this.#loaded) return stoppedError();
      this.#usedAt = this.#now();
      if (outcome.kind === 'loaded') this.#readySince = this.#usedAt;
      const refused = outcome.kind === 'refused' ? { path: outcome.path, error: outcome.error } : undefined;
      this.#set({ kind: 'ready', device: opened, ...this.#loaded, compiling: this.#compiling, refused });
      const ending = await Promise.race([change, broken, aborted]);
      if (ending.kind === 'failed') return ending.error;
      if (ending.kind === 'aborted') return stoppedError();
    }
  }

  /** Loads the model in force. Throws when it cannot be loaded and the engine has not kept the one before it. */
  async #load(
    client: EngineClient,
    device: DeviceFacts,
    other: { change: Promise<Ending>; ended: Promise<Ending> },
  ): Promise<LoadOutcome> {
    this.#set({ kind: 'loading', device });
    const source = new CancellationTokenSource();
    const params = this.deps.model();
    const onProgress = (progress: LoadProgress): void => this.#set({ kind: 'loading', device, progress });
    const loading = client.loadModel(params, onProgress, source.token).then((model): LoadOutcome => {
      this.#loaded = { model, generation: ++this.#generation };
      return { kind: 'loaded' };
    });
    let first: LoadOutcome;
    try {
      first = await Promise.race([loading, other.change, other.ended]);
    } catch (error) {
      return this.#refusal(params.path, asKnownError(error));
    }
    if (first.kind === 'loaded') {
      this.#logLoaded();
      return first;
    }
    source.cancel();
    // Only one load may run at a time, so the next one waits for the end of this one, however it ends.
    const ended = loading.then(
      () => first,
      () => first,
    );
    return Promise.race([ended, other.ended]);
  }

  /**
   * The engine frees a model only after it has checked what is cheap to check of the next one. When it still has the old
   * one, that one stays loaded; otherwise `error` is thrown.
   */
  #refusal(path: string, error: HearthError): LoadOutcome {
    if (!this.#loaded || this.#reported?.state !== 'ready' || isTransient(error.code)) throw error;
    const { name } = this.#loaded.model;
    this.deps.log.error(`Engine: ${error.code}: ${error.message} ${name} stays loaded.`);
    const { message, remedy } = error.phrases;
    const meanwhile = remedy
      ? phrase`${remedy} Until then, ${name} stays loaded.`
      : phrase`Until then, ${name} stays loaded.`;
    return {
      kind: 'refused',
      path,
      error: new HearthError(error.code, message, meanwhile, { cause: error }),
    };
  }

  #logLoaded(): void {
    if (!this.#loaded) return;
    const { name, quantization, textOnly, templateFault, deviceFault, loadMs } = this.#loaded.model;
    const details = `${quantization}${textOnly ? ', text part only' : ''}`;
    this.deps.log.info(`Model ${name} (${details}) loaded in ${Math.round(loadMs)} ms.`);
    if (templateFault)
      this.deps.log.warn(
        `Its own chat template is not used, but that of its family: ${inEnglish(templateFault)}.`,
      );
    if (deviceFault) this.deps.log.warn(`${inEnglish(deviceFault)}.`);
    if (this.#startedAt === undefined) return;
    const seconds = (this.#now() - this.#startedAt) / 1000;
    this.deps.log.info(`The engine was ready ${seconds.toFixed(1)} s after it was started.`);
    this.#startedAt = undefined;
  }

  get #compiling(): KernelProgress | undefined {
    return this.#reported?.state === 'ready' ? this.#reported.compiling : undefined;
  }

  #hearStatus(status: EngineStatus): void {
    this.#reported = status;
    if (this.#state.kind !== 'ready' || this.#state.compiling === this.#compiling) return;
    this.#state = { ...this.#state, compiling: this.#compiling };
    this.#compiled.fire(this.#state);
  }

  /** Settles when the engine reports that it cannot go on although its process lives. */
  #lostDevice(client: EngineClient): Promise<HearthError> {
    return new Promise(resolve => {
      client.onStatus(({ state, error }) => {
        if (state !== 'failed' || !error) return;
        // While a model loads, the answer of the request itself carries the error.
        if (error.code !== 'deviceLost' && this.#state.kind !== 'ready') return;
        const { code, message, remedy } = error;
        resolve(new HearthError(isTransient(code) ? code : 'gpuError', message, remedy));
      });
    });
  }

  #wasStable(): boolean {
    const readyMs = this.#readySince === undefined ? 0 : this.#now() - this.#readySince;
    return this.#hasAnswered || readyMs >= restartStableAfterMs;
  }

  #now(): number {
    return this.deps.now?.() ?? performance.now();
  }

  #set(state: EngineState): void {
    this.#state = state;
    this.#changed.fire(state);
  }
}

const stoppedError = (): HearthError => linkErrors.engineExited(phrase`stopped`);

async function waitFor(delayMs: number, signal: AbortSignal): Promise<void> {
  await Promise.allSettled([delay(delayMs, undefined, { signal })]);
}
