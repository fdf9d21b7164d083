// Qwen3-Next on the device: batches of a prompt, steps of few rows with or without drafts, and their logits.
import type { Gpu } from '../gpu/device.ts';
import { CommandList } from '../gpu/dispatch.ts';
import type { PipelineSpec } from '../gpu/pipeline.ts';
import { argmaxRows, noPick } from '../kernels/argmax_rows.ts';
import { matvecRowsMax, noRing } from '../kernels/matvec.ts';
import { errors } from '../protocol/errors.ts';
import { limits } from '../protocol/limits.ts';
import type { ModelConfig } from './config_types.ts';
import { modelFacts, type LoadedModelFacts } from './facts.ts';
import type { DeltaForm } from './gated_delta_net.ts';
import { Graph, ringAt } from './graph.ts';
import type { DraftStep, LanguageModel, StepOptions } from './language_model.ts';
import { draftsMax, MtpBlock } from './mtp_block.ts';
import { RopeWindow } from './rope_window.ts';
import { createScratch, logitRowsMax, scratchTensors } from './scratch.ts';
import { Qwen3NextSequence, tokenRingRows } from './state.ts';
import { matricesOf, vectorsOf, type ModelWeights } from './weights.ts';

export interface ForwardOptions {
  /** Form of the delta rule for batches; recurrent unless said, which measured faster so far (docs/KERNELS.md). */
  form?: DeltaForm;
  /** Called after each layer, for tests: scratch.x is the residual stream; records a copy. */
  tap?: (list: CommandList, layer: number) => void;
}

/** The picks of a step begin here in a sequence's tokens. */
const picksAt = tokenRingRows;

export class Qwen3Next implements LanguageModel {
  readonly batchTokensMax = limits.prefillBatchTokensMax;
  readonly graph: Graph;
  readonly rope: RopeWindow;
  readonly #mtp: MtpBlock;
  readonly #prepared = new Set<string>();
  #dispatchCount = 0;
  #encodeUs = 0;
  #disposed = false;

  /** Takes over the weights. `path` names the model in errors. */
  constructor(
    readonly gpu: Gpu,
    readonly config: ModelConfig,
    readonly weights: ModelWeights,
    readonly contextTokensMax: number,
    private readonly path: string,
  ) {
    this.graph = new Graph(gpu, config, weights, createScratch(gpu, config, weights, this.batchTokensMax));
    this.rope = new RopeWindow(config, this.graph.scratch.rope);
    this.#mtp = new MtpBlock(this.graph, this.rope);
  }

  get vocabularySize(): number {
    return this.config.vocabularySize;
  }
  get draftsMax(): number {
    return this.weights.mtp ? draftsMax : 0;
  }
  get draftsPay(): boolean {
    return !this.gpu.software;
  }
  /** Host time of the last forward or step from its first kernel to its first submit, in microseconds: recording, not waiting. */
  get encodeUs(): number {
    return this.#encodeUs;
  }
  /** Kernels of the last forward or step. */
  get dispatchCount(): number {
    return this.#dispatchCount;
  }

  get facts(): LoadedModelFacts {
    return modelFacts(this.config, this.weights, this.graph.scratch);
  }

  createSequence(): Qwen3NextSequence {
    return new Qwen3NextSequence(this.gpu, this.config, this.weights, this.contextTokensMax, sequence =>
      this.#settle(sequence),
    );
  }

  async forward(
    sequence: Qwen3NextSequence,
    ids: ArrayLike<number>,
    logits: 'none' | 'last' | 'all',
    options: ForwardOptions = {},
  ): Promise<Float32Array> {
    const count = ids.length;
    if (count < 1 || count > this.batchTokensMax) throw errors.internal(`a batch of ${count} tokens`);
    for (let i = 0; i < count; i++)
      if (!((ids[i] as number) >= 0 && (ids[i] as number) < this.vocabularySize))
        throw errors.badParams(`token id ${ids[i]} is outside the vocabulary of ${this.vocabularySize}`);
    this.gpu.check();
    sequence.reserve(count);
    const batch = count > matvecRowsMax;
    if (batch) this.graph.scratch.ids.write(Uint32Array.from(ids));
    else this.#writeIds(sequence, ids);
    // Few rows have pipelines of their own, and so have the last few rows of logits.
    const lastRows = logits === 'all' ? count % logitRowsMax : 1;
    await this.#prepare(`${batch ? 'batch' : count} ${logits} ${lastRows} ${options.form ?? ''}`, list => {
      this.#rows(list, sequence, count, { ...options, tap: undefined });
      this.graph.head(list, 0, lastRows || logitRowsMax);
      if (logits === 'all' && count > logitRowsMax) this.graph.head(list, 0, logitRowsMax);
      if (batch) this.#mtp.batchKeys(list, sequence, count);
      else for (let n = 1; n <= matvecRowsMax; n++) this.#mtp.keys(list, sequence, n);
      this.graph.commit(list, sequence, 0, 0);
    });
    const started = performance.now();
    const list = new CommandList(this.gpu);
    this.#rows(list, sequence, count, options);
    const first = logits === 'all' ? 0 : count - 1;
    const out = new Float32Array(logits === 'none' ? 0 : (count - first) * this.vocabularySize);
    for (let row = first; logits !== 'none' && row < count; row += logitRowsMax) {
      const part = Math.min(logitRowsMax, count - row);
      if (batch) this.graph.head(list, row, part);
      else sequence.replay(list, `head ${row} ${part}`, () => this.graph.head(list, row, part));
      list.submit();
      if (row === first) this.#encodeUs = (performance.now() - started) * 1000;
      out.set(
        await this.gpu.readback.floats(this.graph.scratch.logits, 0, part * this.vocabularySize),
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
    for (const value of out)
      if (Number.isNaN(value)) throw errors.badWeights(this.path, 'the model computes NaN');
    return out;
  }

  async step(sequence: Qwen3NextSequence, id: number, { drafts, logits }: StepOptions): Promise<DraftStep> {
    const submitted = await this.#submitStep(sequence, id, drafts, 'picks');
    const words = await this.gpu.readback.words(sequence.tokens);
    const V = this.vocabularySize;
    const step: DraftStep = {
      drafts: Array.from(
        { length: drafts },
        (_, k) => words[(submitted + 1 + k) & (tokenRingRows - 1)] as number,
      ),
      picks: Array.from(words.subarray(picksAt, picksAt + drafts + 1)),
    };
    if (step.picks.includes(noPick) || step.drafts.includes(noPick))
      throw errors.badWeights(this.path, 'the model computes NaN');
    if (logits) step.logits = await this.gpu.readback.floats(this.graph.scratch.logits, 0, (drafts + 1) * V);
    return step;
  }

  /** Frees scratch and weights; sequences are their owners' to free. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const tensor of scratchTensors(this.graph.scratch)) tensor.dispose();
    for (const matrix of matricesOf(this.weights)) matrix.dispose();
    for (const vector of vectorsOf(this.weights)) vector.dispose();
  }

  /** Reads `id` and `drafts` guesses after it; picks go behind the tokens, or to the place of the next token. Gives the position of `id`. */
  async #submitStep(
    sequence: Qwen3NextSequence,
    id: number | undefined,
    drafts: number,
    picks: 'picks' | 'next',
  ): Promise<number> {
    const count = drafts + 1;
    const { position: start } = sequence;
    if (drafts > (start > 0 ? this.draftsMax : 0))
      throw errors.internal(`${drafts} drafts at position ${start}`);
    this.gpu.check();
    sequence.reserve(count);
    if (id !== undefined) this.#writeIds(sequence, [id]);
    const record = (list: CommandList): void => {
      if (drafts > 0) this.#mtp.draft(list, sequence, drafts);
      this.#rows(list, sequence, count, {}, drafts);
      sequence.replay(list, `head 0 ${count}`, () => this.graph.head(list, 0, count));
      sequence.replay(list, `${picks} ${count}`, () =>
        argmaxRows(list, this.graph.scratch.logits, sequence.tokens, {
          count,
          width: this.vocabularySize,
          ring:
            picks === 'picks'
              ? { row: picksAt, mask: 2 * tokenRingRows - 1 }
              : ringAt(() => sequence.now.start, tokenRingRows, 1),
        }),
      );
    };
    const waiting = sequence.position - sequence.mtpRows;
    await this.#prepare(`step ${drafts} ${drafts > 0 ? waiting : ''} ${picks}`, list => {
      record(list);
      for (let n = 1; n <= matvecRowsMax; n++) this.#mtp.keys(list, sequence, n);
    });
    const started = performance.now();
    const list = new CommandList(this.gpu);
    record(list);
    list.submit();
    this.#encodeUs = (performance.now() - started) * 1000;
    this.#dispatchCount = list.dispatchCount;
    if (drafts > 0) sequence.mtpRows = start;
    sequence.advance(count, drafts);
    return start;
  }

  /** Writes ids into the sequence's ring from its position on. */
  #writeIds(sequence: Qwen3NextSequence, ids: ArrayLike<number>): void {
    for (let i = 0; i < ids.length; i++)
      sequence.tokens.write(
        Uint32Array.of(ids[i] as number),
        ((sequence.position + i) & (tokenRingRows - 1)) * 4,
      );
  }

  /** Records the rows of a batch, or replays those of few rows. `uncommitted`: how many at the end may still be taken back. */
  #rows(
    list: CommandList,
    sequence: Qwen3NextSequence,
    count: number,
    { form = 'recurrent', tap }: ForwardOptions,
    uncommitted = 0,
  ): void {
    const { graph } = this;
    const { position: start, pending } = sequence;
    const low = sequence.mtp ? Math.min(sequence.mtpRows, start) : start;
    const ropeRow = this.rope.rowOf(low, start + count - low) + start - low;
    if (count > matvecRowsMax) {
      if (pending > 0) graph.commit(list, sequence, start, pending);
      if (sequence.mtp && start - sequence.mtpRows > 1)
        this.#mtp.keys(list, sequence, start - 1 - sequence.mtpRows);
      const step = { count, form, start, ropeRow, position: start, pending: 0, commit: count };
      graph.layers(
        list,
        sequence,
        { ids: graph.scratch.ids, ring: noRing },
        step,
        tap && (i => tap(list, i)),
      );
      return;
    }
    // The rings of ids and hidden states must not overrun what the MTP block has yet to read.
    if (sequence.mtp && start + count - sequence.mtpRows > matvecRowsMax && start > sequence.mtpRows)
      this.#mtp.keys(list, sequence, start - sequence.mtpRows);
    Object.assign(sequence.now, {
      start,
      position: start - pending,
      pending,
      commit: pending + count - uncommitted,
      ropeRow,
    });
    const record = (): void => {
      const { now } = sequence;
      const step = {
        count,
        start: () => now.start,
        position: () => now.position,
        pending: () => now.pending,
        commit: () => now.commit,
        ropeRow: () => now.ropeRow,
      };
      const ring = ringAt(() => now.start, tokenRingRows);
      graph.layers(list, sequence, { ids: sequence.tokens, ring }, step, tap && (i => tap(list, i)));
      if (sequence.hidden) graph.hidden(list, sequence.hidden, { count, into: ring });
    };
    if (tap) record();
    else sequence.replay(list, `rows ${count}`, record);
  }

  /** Nothing waits afterwards: rows are committed, and the MTP block has read all it can. */
  #settle(sequence: Qwen3NextSequence): void {
    const { position, pending, mtpRows } = sequence;
    const list = new CommandList(this.gpu);
    if (pending > 0) this.graph.commit(list, sequence, position, pending);
    if (sequence.mtp && position - 1 > mtpRows) this.#mtp.keys(list, sequence, position - 1 - mtpRows);
    list.submit();
    sequence.advance(0);
  }

  /** Compiles, once per kind of work, the pipelines that `record` needs: all in parallel. */
  async #prepare(kind: string, record: (list: CommandList) => void): Promise<void> {
    if (this.#prepared.has(kind)) return;
    const specs: PipelineSpec[] = [];
    record(new CommandList(this.gpu, specs));
    await this.gpu.pipelines.prepare(specs);
    this.#prepared.add(kind);
  }
}
