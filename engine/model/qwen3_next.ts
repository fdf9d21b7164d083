// Qwen3-Next on the device: batches of a prompt, steps of few rows with or without drafts, and their logits.
import type { Gpu } from '../gpu/device.ts';
import { CommandList } from '../gpu/dispatch.ts';
import type { PipelineSpec } from '../gpu/pipeline.ts';
import type { KvFormat } from '../kernels/kv_cache.ts';
import { noPick } from '../kernels/argmax_rows.ts';
import { matvecRowsMax } from '../kernels/matvec.ts';
import { errors, type HearthError } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';
import { limits } from '../protocol/limits.ts';
import { bytesPerToken } from './bytes_per_token.ts';
import type { ModelConfig } from './config/config_types.ts';
import { modelFacts, type LoadedModelFacts } from './facts.ts';
import { ModelPass } from './layers/model_pass.ts';
import type {
  StepResult,
  LanguageModel,
  StateSnapshot,
  StepOptions,
  TextMemory,
} from '../language_model/language_model.ts';
import { draftsMax, MtpBlock } from './layers/mtp_block.ts';
import { Recorder, type ForwardOptions } from './recorder.ts';
import { RopeWindow } from './layers/rope_window.ts';
import { createScratch, logitRowsMax, scratchTensors } from './sequence/scratch.ts';
import { Qwen3NextSequence, snapshotLayout } from './sequence/sequence.ts';
import { Qwen3NextSnapshot, type SnapshotLayout } from './sequence/snapshot.ts';
import { DecodeSteps } from './decode_steps.ts';
import { disposeDraftHead, makeDraftHead } from './weights/draft_head.ts';
import { matricesOf, vectorsOf, type ModelWeights } from './weights/weights.ts';

export class Qwen3Next implements LanguageModel {
  readonly batchTokensMax = limits.prefillBatchTokensMax;
  readonly pass: ModelPass;
  readonly rope: RopeWindow;
  readonly #mtp: MtpBlock;
  readonly #recorder: Recorder;
  readonly #steps: DecodeSteps;
  readonly #snapshotLayout: SnapshotLayout;
  /** What compile() left for later. */
  #toCompile: readonly PipelineSpec[] = [];
  #dispatchCount = 0;
  #encodeUs = 0;
  #disposed = false;
  /** Ends that the head of drafts is given back when memory is short. */
  #keepDraftHead: (() => void) | undefined;

  /** Takes over the weights. `path` names the model in errors. */
  constructor(
    readonly gpu: Gpu,
    readonly config: ModelConfig,
    readonly weights: ModelWeights,
    readonly contextTokensMax: number,
    readonly kvFormat: KvFormat,
    private readonly path: string,
  ) {
    this.pass = new ModelPass(gpu, config, weights, createScratch(gpu, config, weights, this.batchTokensMax));
    this.rope = new RopeWindow(config, this.pass.scratch.rope);
    this.#mtp = new MtpBlock(this.pass, this.rope);
    this.#recorder = new Recorder(this.pass, this.rope, this.#mtp);
    this.#steps = new DecodeSteps(this.#recorder);
    this.#snapshotLayout = snapshotLayout(config, weights);
  }

  get vocabularySize(): number {
    return this.config.vocabularySize;
  }
  get draftsMax(): number {
    return this.weights.mtp ? draftsMax : 0;
  }
  get parallel(): boolean {
    return !this.gpu.software;
  }
  get samples(): boolean {
    return true;
  }
  /** Host time of the last forward or step for recording its kernels up to the first submit, in microseconds. */
  get encodeUs(): number {
    return this.#encodeUs;
  }
  /** Kernels of the last forward or step. */
  get dispatchCount(): number {
    return this.#dispatchCount;
  }

  get memory(): TextMemory {
    return this.gpu.buffers.memory;
  }

  get facts(): LoadedModelFacts {
    return modelFacts(this);
  }

  /** Counted work of one token decoded at a position: kernels of the last step, bytes read and written. */
  counters(position: number): { dispatches_per_token: number; bytes_per_token: number } {
    return { dispatches_per_token: this.dispatchCount, bytes_per_token: bytesPerToken(this, position) };
  }

  /**
   * Drafts are chosen among these ids from now on, which are distinct and in the vocabulary, until memory is short. Without memory for
   * their rows of the head they are chosen among all, as they are before. Once, with the weights there.
   */
  async draftAmong(ids: Uint32Array<ArrayBuffer>): Promise<void> {
    const { gpu, weights, pass } = this;
    if (!weights.mtp || ids.length === 0 || ids.length >= weights.lm_head.rows) return;
    pass.draftHead = await makeDraftHead(gpu, weights.lm_head, ids);
    this.#keepDraftHead = gpu.buffers.memory.onLack('draft head', () => this.#dropDraftHead());
  }

  /** False when there is none. */
  #dropDraftHead(): boolean {
    const { draftHead } = this.pass;
    if (draftHead) disposeDraftHead(draftHead);
    this.pass.draftHead = undefined;
    return draftHead !== undefined;
  }

  createSequence(): Promise<Qwen3NextSequence> {
    const { gpu, config, weights, contextTokensMax, kvFormat } = this;
    const make = (): Qwen3NextSequence =>
      new Qwen3NextSequence({
        gpu,
        config,
        weights,
        contextTokensMax,
        kvFormat,
        snapshotLayout: this.#snapshotLayout,
        settle: sequence => this.#settle(sequence),
      });
    return gpu.buffers.obtain('a sequence', 'sequences', make);
  }

  writeSnapshot(bytes: Uint8Array<ArrayBuffer>): Promise<StateSnapshot | undefined> {
    return Qwen3NextSnapshot.fromBytes(this.gpu, this.#snapshotLayout, bytes, this.contextTokensMax);
  }

  async forward(
    sequence: Qwen3NextSequence,
    ids: ArrayLike<number>,
    logits: 'none' | 'last' | 'all',
    options: Omit<ForwardOptions, 'batch'> = {},
  ): Promise<Float32Array> {
    const count = ids.length;
    if (count < 1 || count > this.batchTokensMax) throw errors.internal(`a batch of ${count} tokens`);
    for (let i = 0; i < count; i++)
      if (!((ids[i] as number) >= 0 && (ids[i] as number) < this.vocabularySize))
        throw errors.badParams(`token id ${ids[i]} is outside the vocabulary of ${this.vocabularySize}`);
    this.gpu.check();
    sequence.dropAhead();
    await sequence.reserve(count);
    const batch = this.#isBatch(count);
    if (batch) this.pass.scratch.ids.write(Uint32Array.from(ids));
    else this.#recorder.writeIds(sequence, ids);
    await this.#prepare(sequence, count, logits, options);
    const started = performance.now();
    const list = new CommandList(this.gpu);
    this.#recorder.rows(list, sequence, count, { ...options, batch });
    const first = logits === 'all' ? 0 : count - 1;
    const out = new Float32Array(logits === 'none' ? 0 : (count - first) * this.vocabularySize);
    for (let row = first; logits !== 'none' && row < count; row += logitRowsMax) {
      const part = Math.min(logitRowsMax, count - row);
      if (batch) this.pass.head(list, row, part);
      else sequence.replay(list, `head ${row} ${part}`, () => this.pass.head(list, row, part));
      list.submit();
      if (row === first) this.#encodeUs = (performance.now() - started) * 1000;
      out.set(
        await this.gpu.readback.floats(this.pass.scratch.logits, 0, part * this.vocabularySize),
        (row - first) * this.vocabularySize,
      );
    }
    if (batch) this.#mtp.batchKeys(list, sequence, count);
    list.submit();
    if (logits === 'none') {
      this.#encodeUs = (performance.now() - started) * 1000;
      await this.gpu.idle();
    }
    this.#dispatchCount = list.dispatchCount;
    sequence.advance(count);
    if (batch && sequence.mtp) sequence.mtpRows = sequence.position - 1;
    for (const value of out) if (Number.isNaN(value)) throw this.#computesNaN();
    return out;
  }

  /**
   * Compiles what answers need: batches, single tokens and, on a GPU, drafts. Where compiling is slow, only what gives the first
   * token; compileRest() does the others. Nothing is run, so the weights may still be on their way.
   */
  async compile(): Promise<void> {
    const { pipelines } = this.gpu;
    const { first, rest } = await this.#pipelines();
    this.#toCompile = pipelines.isSlow ? rest : [];
    await pipelines.prepare(pipelines.isSlow ? first : [...first, ...rest]);
  }

  /** Compiles in the background what compile() left, if anything. Throws gpuError; whoever needs such a kernel is told again. */
  async compileRest(): Promise<void> {
    const specs = this.#toCompile;
    this.#toCompile = [];
    await this.gpu.pipelines.prepare(specs, { later: true });
  }

  /** What reads a prompt and gives the logits of its end, and what goes on from there. */
  async #pipelines(): Promise<{ first: PipelineSpec[]; rest: PipelineSpec[] }> {
    const batch = Math.min(this.batchTokensMax, this.contextTokensMax - 1);
    if (!this.#isBatch(batch)) return { first: [], rest: [] };
    const sequence = await this.createSequence();
    try {
      const forward = (count: number): PipelineSpec[] =>
        this.#recorder.collect(list => this.#recordForward(list, sequence, count, 'last', {}));
      const first = forward(batch);
      const rest = forward(1);
      // A token for the MTP block to read.
      sequence.advance(1);
      for (let drafts = 0; drafts <= (this.parallel ? this.draftsMax : 0); drafts++)
        rest.push(...this.#steps.pipelines(sequence, drafts));
      return { first, rest };
    } finally {
      sequence.dispose();
    }
  }

  async step(sequence: Qwen3NextSequence, id: number, options: StepOptions): Promise<StepResult> {
    if (options.drafts > this.draftsMax) throw errors.internal(`${options.drafts} drafts`);
    const step = await this.#steps.step(sequence, id, options);
    this.#encodeUs = this.#steps.encodeUs;
    this.#dispatchCount = this.#steps.dispatchCount;
    if ([...step.picks, ...step.drafts].includes(noPick)) throw this.#computesNaN();
    return step;
  }

  /** Frees scratch and weights; sequences are their owners' to free. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#keepDraftHead?.();
    this.#dropDraftHead();
    for (const tensor of scratchTensors(this.pass.scratch)) tensor.dispose();
    for (const matrix of matricesOf(this.weights)) matrix.dispose();
    for (const vector of vectorsOf(this.weights)) vector.dispose();
  }

  /** Compiles, once for every kind of batch, what forward() records. */
  async #prepare(
    sequence: Qwen3NextSequence,
    count: number,
    logits: 'none' | 'last' | 'all',
    options: ForwardOptions,
  ): Promise<void> {
    const kind = this.#isBatch(count) ? 'batch' : count;
    await this.#recorder.prepare(
      `${kind} ${logits} ${lastRowsOf(count, logits)} ${options.delta ?? ''}`,
      list => this.#recordForward(list, sequence, count, logits, options),
    );
  }

  /** All that forward() may record for such a batch. */
  #recordForward(
    list: CommandList,
    sequence: Qwen3NextSequence,
    count: number,
    logits: 'none' | 'last' | 'all',
    options: ForwardOptions,
  ): void {
    const batch = this.#isBatch(count);
    this.#recorder.rows(list, sequence, count, { ...options, batch, tap: undefined });
    this.pass.head(list, 0, lastRowsOf(count, logits) || logitRowsMax);
    if (logits === 'all' && count > logitRowsMax) this.pass.head(list, 0, logitRowsMax);
    if (batch) this.#mtp.batchKeys(list, sequence, count);
    else for (let n = 1; n <= matvecRowsMax; n++) this.#mtp.keys(list, sequence, n);
  }

  /**
   * Few rows have faster programs, one for each number of rows; a software device compiles longer than they ever save. Of a text's
   * first two rows the MTP block reads one, with a program that batches do not have.
   */
  #isBatch(count: number): boolean {
    if (!this.gpu.software) return count > matvecRowsMax;
    return count > (this.weights.mtp ? 2 : 1);
  }

  #computesNaN(): HearthError {
    return errors.badWeights(this.path, phrase`the model computes NaN`);
  }

  /** Nothing waits afterwards: rows are committed, and the MTP block has read all it can. */
  #settle(sequence: Qwen3NextSequence): void {
    const { position, pending, mtpRows } = sequence;
    const list = new CommandList(this.gpu);
    if (pending > 0) this.pass.commit(list, sequence, position, pending);
    if (sequence.mtp && position - 1 > mtpRows) this.#mtp.keys(list, sequence, position - 1 - mtpRows);
    list.submit();
    sequence.advance(0);
  }
}

/** Rows of the last piece of logits; few rows have pipelines of their own. */
function lastRowsOf(count: number, logits: 'none' | 'last' | 'all'): number {
  return logits === 'all' ? count % logitRowsMax : 1;
}
