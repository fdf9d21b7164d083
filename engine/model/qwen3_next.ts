// Qwen3-Next on the device: batches of a prompt, steps of few rows with or without drafts, and their logits.
import type { Gpu } from '../gpu/device.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { CommandList } from '../gpu/dispatch.ts';
import type { PipelineSpec } from '../gpu/pipeline.ts';
import { kvNarrow } from '../kernels/kv_narrow.ts';
import { noPick } from '../kernels/argmax_rows.ts';
import { matvecRowsMax } from '../kernels/matvec.ts';
import { errors, type HearthError } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';
import { limits } from '../protocol/limits.ts';
import { activationBytes, batchRowsFor, rowsBetween } from '../shared/architecture/footprint.ts';
import type { KvPlan } from '../shared/architecture/kv_format.ts';
import type { ModelShape } from '../shared/architecture/shape.ts';
import { bytesPerToken } from './bytes_per_token.ts';
import type { ModelConfig } from './config/config_types.ts';
import { shapeOf } from './config/shape.ts';
import { modelFacts, type LoadedModelFacts } from './facts.ts';
import { ModelPass } from './layers/model_pass.ts';
import type {
  StepResult,
  LanguageModel,
  ReadOptions,
  StateSnapshot,
  StepOptions,
  TextMemory,
  TextPages,
} from '../language_model/language_model.ts';
import { whole } from '../language_model/whole.ts';
import { draftsMax, MtpBlock } from './layers/mtp_block.ts';
import { BatchReader, type ForwardOptions } from './batch_reader.ts';
import { batchRows } from './batch_rows.ts';
import { lastRowsOf, type Logits } from './sequence/logits.ts';
import { Recorder } from './recorder.ts';
import { RopeWindow } from './layers/rope_window.ts';
import { createScratch, createSharedScratch, scratchTensors } from './sequence/scratch.ts';
import { KvPages } from './sequence/kv_pages.ts';
import { kvLayers, Qwen3NextSequence, snapshotLayout } from './sequence/sequence.ts';
import { checkedState, type SnapshotLayout } from './sequence/snapshot.ts';
import { writeSnapshots } from './sequence/write_snapshots.ts';
import { stateKey } from './state_key.ts';
import { DecodeSteps } from './decode_steps.ts';
import { disposeDraftHead, makeDraftHead, type DraftHead } from './weights/draft_head.ts';
import { matricesOf, vectorsOf, type ModelWeights } from './weights/weights.ts';

export class Qwen3Next implements LanguageModel {
  /** Rows of a batch that there is always room for. */
  readonly batchTokensMax = limits.prefillBatchTokensLeast;
  /** Reads chats, and what is read ahead of them. */
  readonly #batches: BatchReader;
  /** Reads what may come between the parts of their batches. */
  #between: BatchReader | undefined;
  readonly #mtp: MtpBlock;
  readonly #recorder: Recorder;
  readonly #steps: DecodeSteps;
  /** What all texts keep keys and values in. */
  readonly kvPages: KvPages;
  readonly #snapshotLayout: SnapshotLayout;
  readonly #passOf: (rows: number) => ModelPass;
  readonly #shape: ModelShape;
  /** Rows of the largest batch that the device gains by. */
  readonly #rowsMost: number;
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
    readonly kvPlan: KvPlan,
    private readonly path: string,
    { batchTokensMax }: { batchTokensMax?: number | undefined } = {},
  ) {
    this.#shape = shapeOf(config, weights.mtp ? 1 : 0);
    this.#rowsMost = batchTokensMax ?? (gpu.software ? this.batchTokensMax : batchRowsFor(this.#shape));
    const shared = createSharedScratch(gpu, config);
    this.#passOf = rows =>
      new ModelPass(gpu, config, weights, createScratch(gpu, config, weights, rows, shared));
    this.#snapshotLayout = snapshotLayout(config, weights);
    this.kvPages = new KvPages(gpu, config, kvLayers(weights), kvPlan, contextTokensMax);
    this.#batches = this.#newReader();
    const few = this.#passOf(matvecRowsMax);
    const rope = new RopeWindow(config, few.scratch.rope);
    this.#mtp = new MtpBlock(few, rope);
    this.#recorder = new Recorder(few, rope, this.#mtp);
    this.#steps = new DecodeSteps(this.#recorder);
  }

  /** What batches are recorded with; verification and tuning use it while nothing is read. */
  get pass(): ModelPass {
    return this.#batches.pass;
  }
  get rope(): RopeWindow {
    return this.#batches.rope;
  }
  /** All that layers work in, whatever is read. */
  get workingSet(): ReadonlySet<GpuTensor> {
    const ofBatches = [this.#batches, this.#between].flatMap(reader => reader?.tensors ?? []);
    return new Set([...scratchTensors(this.#recorder.pass.scratch), ...ofBatches]);
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
    const { gpu, weights } = this;
    if (!weights.mtp || ids.length === 0 || ids.length >= weights.lm_head.rows) return;
    this.#recorder.pass.draftHead = await makeDraftHead(gpu, weights.lm_head, ids);
    this.#keepDraftHead = gpu.buffers.memory.onLack('draft head', () => this.#dropDraftHead());
  }

  /** What drafts are chosen among; undefined: all ids. */
  get draftHead(): DraftHead | undefined {
    return this.#recorder.pass.draftHead;
  }

  /** False when there is none. */
  #dropDraftHead(): boolean {
    const { draftHead } = this;
    if (draftHead) disposeDraftHead(draftHead);
    this.#recorder.pass.draftHead = undefined;
    return draftHead !== undefined;
  }

  async createSequence(): Promise<Qwen3NextSequence> {
    const { gpu, config, weights, contextTokensMax, kvPages } = this;
    const make = (): Qwen3NextSequence =>
      new Qwen3NextSequence({
        gpu,
        config,
        weights,
        contextTokensMax,
        kvPages,
        snapshotLayout: this.#snapshotLayout,
        settle: sequence => this.#settle(sequence),
      });
    await kvPages.open();
    try {
      const sequence = await gpu.buffers.obtain('a sequence', 'sequences', make);
      sequence.begin();
      return sequence;
    } catch (error) {
      kvPages.close();
      throw error;
    }
  }

  get stateKey(): string {
    return stateKey(this, this.#snapshotLayout);
  }

  async *writeSnapshots(
    pages: TextPages,
    states: readonly Uint8Array<ArrayBuffer>[],
  ): AsyncGenerator<void, StateSnapshot[]> {
    const { gpu, kvPages, contextTokensMax } = this;
    const checked = states.map(bytes => checkedState(bytes, this.#snapshotLayout, contextTokensMax));
    return yield* writeSnapshots({ gpu, kvPages, layout: this.#snapshotLayout }, pages, checked);
  }

  async batchTokens(wanted: number, between = false): Promise<number> {
    const reader = await this.#reader(between);
    const most = between ? rowsBetween(this.#rowsMost) : this.#rowsMost;
    return await this.#makeRoom(reader, batchRows({ wanted, most, msPerRow: reader.msPerRow }));
  }

  #makeRoom(reader: BatchReader, rows: number): Promise<number> {
    return reader.makeRoom(rows, count => activationBytes(this.#shape, count));
  }

  /** Batches that may come between the parts of others have a reader of their own, from the first one on. */
  async #reader(between: boolean): Promise<BatchReader> {
    if (!between) return this.#batches;
    return (this.#between ??= await this.gpu.buffers.obtain('activations', 'working set', () =>
      this.#newReader(),
    ));
  }

  /** Makes tensors. */
  #newReader(): BatchReader {
    return new BatchReader(this.gpu, this.#passOf, this.#snapshotLayout, this.kvPages);
  }

  /** read() with nobody between. */
  forward(
    sequence: Qwen3NextSequence,
    ids: ArrayLike<number>,
    logits: Logits,
    options: ReadOptions & ForwardOptions = {},
  ): Promise<Float32Array> {
    return whole(this.read(sequence, ids, logits, options));
  }

  async *read(
    sequence: Qwen3NextSequence,
    ids: ArrayLike<number>,
    logits: Logits,
    { ahead, between = false, ...options }: ReadOptions & ForwardOptions = {},
  ): AsyncGenerator<void, Float32Array> {
    const count = ids.length;
    if (count < 1) throw errors.internal('a batch of no tokens');
    for (let i = 0; i < count; i++)
      if (!((ids[i] as number) >= 0 && (ids[i] as number) < this.vocabularySize))
        throw errors.badParams(`token id ${ids[i]} is outside the vocabulary of ${this.vocabularySize}`);
    this.gpu.check();
    sequence.dropAhead();
    await sequence.reserve(count);
    await this.#prepare(sequence, count, logits, options);
    let out: Float32Array;
    if (this.#isBatch(count)) {
      const reader = await this.#reader(between);
      const room = await this.#makeRoom(reader, count);
      if (room < count) throw errors.internal(`a batch of ${count} tokens where there is room for ${room}`);
      this.#settle(sequence);
      out = yield* reader.read(sequence, Uint32Array.from(ids), { ...options, logits, ahead });
      this.#encodeUs = reader.encodeUs;
      this.#dispatchCount = reader.dispatchCount;
    } else out = await this.#readFew(sequence, ids, logits, options);
    for (const value of out) if (Number.isNaN(value)) throw this.#computesNaN();
    return out;
  }

  /** The programs of few rows. */
  async #readFew(
    sequence: Qwen3NextSequence,
    ids: ArrayLike<number>,
    logits: Logits,
    options: ForwardOptions,
  ): Promise<Float32Array> {
    const { pass } = this.#recorder;
    const count = ids.length;
    const first = logits === 'all' ? 0 : count - 1;
    const started = performance.now();
    this.#recorder.writeIds(sequence, ids);
    const list = new CommandList(this.gpu);
    this.#recorder.rows(list, sequence, count, options);
    if (logits !== 'none')
      sequence.replay(list, `head ${first} ${count - first}`, () => pass.head(list, first, count - first));
    list.submit();
    this.#encodeUs = (performance.now() - started) * 1000;
    this.#dispatchCount = list.dispatchCount;
    const width = logits === 'none' ? 0 : (count - first) * this.vocabularySize;
    const out = width > 0 ? this.gpu.readback.floats(pass.scratch.logits, 0, width) : this.gpu.idle();
    sequence.advance(count);
    return (await out) ?? new Float32Array();
  }

  /**
   * Compiles what answers need: batches, single tokens and, on a GPU, drafts. Where compiling is slow, only what gives the first
   * token; compileRest() does the others. Nothing is run, so the weights may still be on their way.
   */
  async compile(): Promise<void> {
    await (
      await this.planCompile()
    )();
  }

  /** Finds out with a sequence, which is gone afterwards, what is to be compiled; what it gives compiles that. */
  async planCompile(): Promise<() => Promise<void>> {
    const { pipelines } = this.gpu;
    const { first, rest } = await this.#pipelines();
    this.#toCompile = pipelines.isSlow ? rest : [];
    return () => pipelines.prepare(pipelines.isSlow ? first : [...first, ...rest]);
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
        this.#recorder.collect(list => this.#record(list, sequence, count, 'last', {}));
      const first = forward(batch);
      const rest = forward(1);
      const { short, shortTokensMax, long } = this.kvPlan;
      // A text that grows long goes on in another format.
      const becomesLong = long !== short && shortTokensMax < this.contextTokensMax;
      if (becomesLong) {
        const { ids: any } = this.pass.scratch;
        const { kvHeadCount: heads, headDim: dim } = this.config;
        const page = { words: 1, halves: 1, codes: 1 };
        const sizes = { positions: 1, heads, dim, page, codesFrom: 1 };
        rest.push(...this.#recorder.collect(list => kvNarrow(list, { cache: any, tables: any }, sizes)));
        sequence.collectAs(long, () => rest.push(...forward(batch), ...forward(1)));
      }
      // A token for the MTP block to read.
      sequence.advance(1);
      const steps = (): void => {
        for (let drafts = 0; drafts <= (this.parallel ? this.draftsMax : 0); drafts++)
          rest.push(...this.#steps.pipelines(sequence, drafts));
      };
      steps();
      if (becomesLong) sequence.collectAs(long, steps);
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
    for (const tensor of this.workingSet) tensor.dispose();
    for (const matrix of matricesOf(this.weights)) matrix.dispose();
    for (const vector of vectorsOf(this.weights)) vector.dispose();
    this.kvPages.dispose();
  }

  /** Compiles, once for every kind of batch, what read() records. */
  async #prepare(
    sequence: Qwen3NextSequence,
    count: number,
    logits: Logits,
    options: ForwardOptions,
  ): Promise<void> {
    const kind = this.#isBatch(count) ? 'batch' : count;
    const rows = logits === 'all' ? lastRowsOf(count) : 1;
    await this.#recorder.prepare(
      `${kind} ${logits} ${rows} ${options.delta ?? ''} ${sequence.kvFormats}`,
      list => this.#record(list, sequence, count, logits, options),
    );
  }

  /** All that read() may record for such a batch. */
  #record(
    list: CommandList,
    sequence: Qwen3NextSequence,
    count: number,
    logits: Logits,
    { delta }: ForwardOptions,
  ): void {
    if (this.#isBatch(count)) this.#batches.record(list, sequence, count, { delta, logits });
    else {
      this.#recorder.rows(list, sequence, count, {});
      this.#recorder.pass.head(list, 0, logits === 'all' ? count : 1);
      for (let n = 1; n <= matvecRowsMax; n++) this.#mtp.keys(list, sequence, n);
    }
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
    if (pending > 0) this.#recorder.pass.commit(list, sequence, position, pending);
    if (sequence.mtp && position - 1 > mtpRows) this.#mtp.keys(list, sequence, position - 1 - mtpRows);
    list.submit();
    sequence.advance(0);
  }
}
