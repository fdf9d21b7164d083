// Qwen3-Next: embed -> layers (mixer, feed-forward) -> norm -> head. Prefill and decode share all of it.
import type { Gpu } from '../gpu/device.ts';
import { CommandList, runOnce } from '../gpu/dispatch.ts';
import type { PipelineSpec } from '../gpu/pipeline.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { embedRows } from '../kernels/embed_rows.ts';
import { rows } from '../kernels/launch.ts';
import { matmul } from '../kernels/matmul.ts';
import { matvecRowsMax } from '../kernels/matvec.ts';
import { normMatvec } from '../kernels/norm_matvec.ts';
import { rmsNorm } from '../kernels/rms_norm.ts';
import { errors } from '../protocol/errors.ts';
import { limits } from '../protocol/limits.ts';
import type { ModelConfig } from './config_types.ts';
import { fewRowsFeedForward, fewRowsMixer, type FewRows } from './few_rows.ts';
import { gatedAttention } from './gated_attention.ts';
import { gatedDeltaNet, type DeltaForm } from './gated_delta_net.ts';
import type { LanguageModel } from './language_model.ts';
import { ropeTable } from './rope.ts';
import { createScratch, logitRowsMax, scratchTensors, type Scratch } from './scratch.ts';
import { feedForward } from './sparse_moe.ts';
import { Qwen3NextSequence, type LayerState } from './state.ts';
import { matricesOf, vectorsOf, type LayerWeights, type ModelWeights } from './weights.ts';

export interface ForwardOptions {
  /** Form of the delta rule for batches; recurrent unless said, which measured faster so far (docs/KERNELS.md). */
  form?: DeltaForm;
  /** Called for the residual stream after each layer, for tests: records a copy. */
  tap?: (list: CommandList, layer: number, x: GpuTensor) => void;
}

/** Facts about a loaded model, for the user. */
export interface LoadedModelFacts {
  architecture: string;
  layerCount: number;
  parameterCount: number;
  /** Storage type of most of the weights' bytes. */
  quantization: string;
  /** Weight matrices and activations. */
  bytesOnDevice: number;
  contextTokensTrained: number;
  mtpLayers: number;
}

/** Positions of a new rope window: written once for many tokens. */
const ropeRowsMin = 128;

export class Qwen3Next implements LanguageModel {
  readonly batchTokensMax = limits.prefillBatchTokensMax;
  readonly #scratch: Scratch;
  readonly #prepared = new Set<string>();
  #dispatchCount = 0;
  #encodeUs = 0;
  #ropeWindow = { first: 0, end: 0 };
  #disposed = false;

  /** Takes over the weights. `path` names the model in errors. */
  constructor(
    readonly gpu: Gpu,
    readonly config: ModelConfig,
    readonly weights: ModelWeights,
    readonly contextTokensMax: number,
    private readonly path: string,
  ) {
    this.#scratch = createScratch(gpu, config, weights, this.batchTokensMax);
  }

  get vocabularySize(): number {
    return this.config.vocabularySize;
  }
  /** Host time of the last forward from its first kernel to its first submit, in microseconds: recording, not waiting. */
  get encodeUs(): number {
    return this.#encodeUs;
  }
  /** Kernels of the last forward. */
  get dispatchCount(): number {
    return this.#dispatchCount;
  }

  get facts(): LoadedModelFacts {
    const { config } = this;
    const bytesByFormat = new Map<string, number>();
    let parameterCount = 0;
    for (const matrix of matricesOf(this.weights)) {
      bytesByFormat.set(matrix.format, (bytesByFormat.get(matrix.format) ?? 0) + matrix.byteLength);
      parameterCount += matrix.rows * matrix.columns;
    }
    const weightBytes = [...bytesByFormat.values()].reduce((a, b) => a + b, 0);
    return {
      architecture: config.architecture,
      layerCount: config.layerCount,
      parameterCount,
      quantization: [...bytesByFormat].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'F32',
      bytesOnDevice:
        weightBytes + scratchTensors(this.#scratch).reduce((sum, tensor) => sum + tensor.byteLength, 0),
      contextTokensTrained: config.contextTokens,
      mtpLayers: config.mtpLayers,
    };
  }

  createSequence(): Qwen3NextSequence {
    return new Qwen3NextSequence(this.gpu, this.config, this.weights, this.contextTokensMax, sequence =>
      this.#commit(sequence),
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
    this.#scratch.ids.write(Uint32Array.from(ids));
    await this.#prepare(sequence, count, logits, options);
    const encodeStarted = performance.now();
    const list = new CommandList(this.gpu);
    this.#layers(list, sequence, count, options);
    const first = logits === 'all' ? 0 : count - 1;
    const out = new Float32Array(logits === 'none' ? 0 : (count - first) * this.vocabularySize);
    if (logits === 'none') {
      list.submit();
      this.#encodeUs = (performance.now() - encodeStarted) * 1000;
      await this.gpu.idle();
    }
    for (let row = first; logits !== 'none' && row < count; row += logitRowsMax) {
      const part = Math.min(logitRowsMax, count - row);
      this.#head(list, row, part);
      list.submit();
      if (row === first) this.#encodeUs = (performance.now() - encodeStarted) * 1000;
      out.set(
        await this.gpu.readback.floats(this.#scratch.logits, 0, part * this.vocabularySize),
        (row - first) * this.vocabularySize,
      );
    }
    this.#dispatchCount = list.dispatchCount;
    sequence.advance(count);
    this.#checkFinite(out);
    return out;
  }

  /** The normed hidden state of the rows of the last forward, [count, H]. For tests. */
  async finalNorm(count: number): Promise<Float32Array> {
    const list = new CommandList(this.gpu);
    const parts: Float32Array[] = [];
    for (let row = 0; row < count; row += logitRowsMax) {
      const part = Math.min(logitRowsMax, count - row);
      rmsNorm(list, this.#scratch.x, this.weights.norm, this.#scratch.last, {
        count: part,
        firstRow: row,
        eps: this.config.rmsEps,
      });
      list.submit();
      parts.push(await this.gpu.readback.floats(this.#scratch.last, 0, part * this.config.hiddenSize));
    }
    return Float32Array.from(parts.flatMap(part => [...part]));
  }

  /**
   * One pass of the MTP block (qwen3-next 4.1): row i joins the token after position start + i with the hidden state at it.
   * ids [count]; hidden [count, H] (final-normed, or the block's own when drafting further). Gives logits and the block's
   * hidden states; its cache rows start … are written over.
   */
  async forwardMtp(
    sequence: Qwen3NextSequence,
    ids: ArrayLike<number>,
    hidden: Float32Array<ArrayBuffer>,
    start: number,
  ): Promise<{ logits: Float32Array; hidden: Float32Array }> {
    const { mtp } = this.weights;
    const scratch = this.#scratch.mtp;
    if (!mtp || !scratch || !sequence.mtp) throw errors.internal('the MTP block is not loaded');
    const count = ids.length;
    sequence.reserveTo(start + count);
    this.#scratch.ids.write(Uint32Array.from(ids));
    const ropeRow = this.#ropeRow(start, count);
    scratch.given.write(hidden);
    const { hiddenSize: H, rmsEps: eps } = this.config;
    const cache = sequence.mtp;
    const record = (list: CommandList) => {
      const s = this.#scratch;
      embedRows(list, this.weights.embed_tokens, s.ids, s.x, count);
      rmsNorm(list, s.x, mtp.pre_fc_norm_embedding, rows(scratch.joined, 2 * H), { count, eps });
      rmsNorm(list, scratch.given, mtp.pre_fc_norm_hidden, rows(scratch.joined, 2 * H, H), { count, eps });
      matmul(list, rows(scratch.joined, 2 * H), mtp.fc, rows(s.x, H), { count });
      this.#layer(list, mtp.layer, cache, {
        count,
        form: 'recurrent',
        start,
        ropeRow,
        pending: 0,
        commit: 0,
      });
      rmsNorm(list, s.x, mtp.norm, scratch.made, { count, eps });
    };
    await runOnce(this.gpu, record);
    const logits = new Float32Array(count * this.vocabularySize);
    for (let row = 0; row < count; row += logitRowsMax) {
      const part = Math.min(logitRowsMax, count - row);
      await runOnce(this.gpu, list =>
        matmul(
          list,
          rows(scratch.made, H, row * H),
          this.weights.lm_head,
          rows(this.#scratch.logits, this.vocabularySize),
          { count: part },
        ),
      );
      logits.set(
        await this.gpu.readback.floats(this.#scratch.logits, 0, part * this.vocabularySize),
        row * this.vocabularySize,
      );
    }
    this.#checkFinite(logits);
    return { logits, hidden: await this.gpu.readback.floats(scratch.made, 0, count * H) };
  }

  /** Frees scratch and weights; sequences are their owners' to free. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const tensor of scratchTensors(this.#scratch)) tensor.dispose();
    for (const matrix of matricesOf(this.weights)) matrix.dispose();
    for (const vector of vectorsOf(this.weights)) vector.dispose();
  }

  #layers(
    list: CommandList,
    sequence: Qwen3NextSequence,
    count: number,
    { form = 'recurrent', tap }: ForwardOptions,
  ): void {
    const s = this.#scratch;
    const { position: start, pending } = sequence;
    // A batch goes on from the delta state itself, few rows from rows that wait as well.
    if (count > matvecRowsMax && pending > 0) this.#commitRows(list, sequence);
    const step = {
      count,
      form,
      start,
      ropeRow: this.#ropeRow(start, count),
      pending: count > matvecRowsMax ? 0 : pending,
      commit: pending + count,
    };
    embedRows(list, this.weights.embed_tokens, s.ids, s.x, count);
    for (const [i, w] of this.weights.layers.entries()) {
      this.#layer(list, w, stateOf(sequence, i), step);
      tap?.(list, i, s.x);
    }
  }

  /** x += mixer(norm(x)); x += mlp(norm(x)). */
  #layer(list: CommandList, w: LayerWeights, state: LayerState, step: FewRows & { form: DeltaForm }): void {
    const s = this.#scratch;
    const { config } = this;
    const { count, start, ropeRow, form } = step;
    const few = count <= matvecRowsMax;
    const norm = { count, eps: config.rmsEps };
    if (few) fewRowsMixer(list, config, w, state, s, step);
    else {
      rmsNorm(list, s.x, w.input_layernorm, s.normed, norm);
      if (w.mixer.kind === 'linear' && state.kind === 'linear')
        gatedDeltaNet(list, config, w.mixer, state, s, { count, form, start });
      else if (w.mixer.kind === 'full' && state.kind === 'full')
        gatedAttention(list, config, w.mixer, state, s, { count, start, ropeRow });
      else throw errors.internal('a layer and its state are of different kinds');
    }
    if (few && fewRowsFeedForward(list, config, w, s, count)) return;
    rmsNorm(list, s.x, w.post_attention_layernorm, s.normed, norm);
    feedForward(list, config, w.mlp, s, count);
  }

  /** Final norm and head of rows firstRow … firstRow + count - 1. */
  #head(list: CommandList, firstRow: number, count: number): void {
    const s = this.#scratch;
    const { hiddenSize: H, rmsEps: eps } = this.config;
    const { norm: gain, lm_head: w } = this.weights;
    const y = rows(s.logits, this.vocabularySize);
    if (count <= matvecRowsMax) {
      normMatvec(list, { x: rows(s.x, H, firstRow * H), gain, w, y }, { count, eps });
      return;
    }
    rmsNorm(list, s.x, gain, s.last, { count, firstRow, eps });
    matmul(list, rows(s.last, H), w, y, { count });
  }

  /** Row of position `start` in the rope table on the device, which is written again when it does not reach `count` rows further. */
  #ropeRow(start: number, count: number): number {
    const { first, end } = this.#ropeWindow;
    if (start >= first && start + count <= end) return start - first;
    const wanted = Math.min(this.batchTokensMax, Math.max(count, ropeRowsMin));
    this.#scratch.rope.write(ropeTable(this.config, start, wanted) as Float32Array<ArrayBuffer>);
    this.#ropeWindow = { first: start, end: start + wanted };
    return 0;
  }

  /** Brings the delta state of every layer up to the position. */
  #commit(sequence: Qwen3NextSequence): void {
    const list = new CommandList(this.gpu);
    this.#commitRows(list, sequence);
    list.submit();
    sequence.advance(0);
  }
  #commitRows(list: CommandList, sequence: Qwen3NextSequence): void {
    const { position: start, pending } = sequence;
    for (const [i, w] of this.weights.layers.entries())
      if (w.mixer.kind === 'linear')
        fewRowsMixer(list, this.config, w, stateOf(sequence, i), this.#scratch, {
          count: 0,
          start,
          pending,
          commit: pending,
          ropeRow: 0,
        });
  }

  /** Compiles, once per kind of batch, the pipelines it needs: all in parallel. */
  async #prepare(
    sequence: Qwen3NextSequence,
    count: number,
    logits: 'none' | 'last' | 'all',
    options: ForwardOptions,
  ): Promise<void> {
    // Few rows have pipelines of their own, and so have the last few rows of logits.
    const lastRows = logits === 'all' ? count % logitRowsMax : 1;
    const kind = `${count <= matvecRowsMax ? count : 'many'} ${logits} ${lastRows} ${options.form ?? ''}`;
    if (this.#prepared.has(kind)) return;
    const specs: PipelineSpec[] = [];
    const list = new CommandList(this.gpu, specs);
    this.#layers(list, sequence, count, { ...options, tap: undefined });
    this.#head(list, 0, lastRows || logitRowsMax);
    if (logits === 'all' && count > logitRowsMax) this.#head(list, 0, logitRowsMax);
    await this.gpu.pipelines.prepare(specs);
    this.#prepared.add(kind);
  }

  #checkFinite(logits: Float32Array): void {
    for (const value of logits)
      if (Number.isNaN(value)) throw errors.badWeights(this.path, 'the model computes NaN');
  }
}

function stateOf(sequence: Qwen3NextSequence, layer: number): LayerState {
  const state = sequence.layers[layer];
  if (!state) throw errors.internal(`layer ${layer} has no state`);
  return state;
}
