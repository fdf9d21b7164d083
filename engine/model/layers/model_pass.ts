// What one pass through the model records: embedding, layers, head, and the MTP block. Knows nothing of requests.
import type { Gpu } from '../../gpu/device.ts';
import type { CommandList } from '../../gpu/dispatch.ts';
import { mapWord, type Word } from '../../gpu/encoded_kernel.ts';
import type { GpuTensor } from '../../gpu/tensor.ts';
import type { Accepted } from '../../kernels/accepted.ts';
import { embedRows } from '../../kernels/embed_rows.ts';
import { rows } from '../../kernels/launch.ts';
import { matmul } from '../../kernels/matmul.ts';
import { matvecRowsMax, noRing, type RingRows } from '../../kernels/matvec.ts';
import { normMatvec } from '../../kernels/norm_matvec.ts';
import { rmsNorm } from '../../kernels/rms_norm.ts';
import { errors } from '../../protocol/errors.ts';
import type { ModelConfig } from '../config/config_types.ts';
import { attentionInputs } from './attention_inputs.ts';
import { fewRowsFeedForward, fewRowsMixer, type FewRows } from './few_rows.ts';
import { gatedAttention } from './gated_attention.ts';
import { gatedDeltaNet, type DeltaVariant } from './gated_delta_net.ts';
import type { Scratch } from '../sequence/scratch.ts';
import { feedForward } from './sparse_moe.ts';
import type { FullState } from '../sequence/kv_caches.ts';
import type { LayerState, Qwen3NextSequence } from '../sequence/sequence.ts';
import type { DraftHead } from '../weights/draft_head.ts';
import type { LayerWeights, ModelWeights } from '../weights/weights.ts';

/** Rows of a batch, all committed at once, or few rows. */
export type LayerRows = FewRows & { batch?: boolean; delta?: DeltaVariant };

/** Rows of the MTP block: `count` from position `start`, whose row of the rope window is `ropeRow`. */
export type MtpRows = Pick<FewRows, 'count' | 'start' | 'ropeRow' | 'accepted'>;

/** Ids to embed: u32, row t at (row + t) & mask. */
export interface TokenIds {
  ids: GpuTensor;
  ring: RingRows;
}

export class ModelPass {
  /** What drafts are chosen among; undefined: all ids. */
  draftHead: DraftHead | undefined;

  constructor(
    readonly gpu: Gpu,
    readonly config: ModelConfig,
    readonly weights: ModelWeights,
    readonly scratch: Scratch,
  ) {}

  /** scratch.x = the residual stream of step.count rows after all layers. `tap` is called after each. */
  layers(
    list: CommandList,
    sequence: Qwen3NextSequence,
    { ids, ring }: TokenIds,
    step: LayerRows,
    tap?: (layer: number) => void,
  ): void {
    embedRows(list, this.weights.embed_tokens, ids, this.scratch.x, step.count, ring);
    for (const [i, w] of this.weights.layers.entries()) {
      this.#layer(list, w, stateOf(sequence, i), step);
      tap?.(i);
    }
  }

  /** scratch.logits = head(norm(x)) of rows firstRow … firstRow + count - 1. */
  head(list: CommandList, firstRow: number, count: number): void {
    const s = this.scratch;
    const { hiddenSize: H, rmsEps: eps } = this.config;
    const { norm: gain, lm_head: w } = this.weights;
    const y = rows(s.logits, this.config.vocabularySize);
    if (count <= matvecRowsMax) {
      normMatvec(list, { x: rows(s.x, H, firstRow * H), gain, w: [w], y }, { count, eps });
      return;
    }
    rmsNorm(list, s.x, gain, s.last, { count, firstRow, eps });
    matmul(list, rows(s.last, H), w, y, { count });
  }

  /** `to` = norm(x), the hidden states the MTP block and tests read. */
  hidden(
    list: CommandList,
    to: GpuTensor,
    options: { count: number; firstRow?: number; into?: RingRows },
  ): void {
    rmsNorm(list, this.scratch.x, this.weights.norm, to, { ...options, eps: this.config.rmsEps });
  }

  /** The delta state of every layer takes in its `pending` waiting rows, one at least, before position `start`. */
  commit(list: CommandList, sequence: Qwen3NextSequence, start: number, pending: number): void {
    const { accepted } = sequence;
    const step = {
      count: 0,
      start,
      position: start - pending,
      pending,
      commit: pending,
      ropeRow: 0,
      accepted,
    };
    for (const [i, w] of this.weights.layers.entries())
      if (w.mixer.kind === 'linear')
        fewRowsMixer(list, this.config, w, stateOf(sequence, i), this.scratch, step);
    if (!list.collecting) sequence.swapStates();
  }

  /**
   * The MTP block on step.count rows (docs/MODEL.md 8.1): row i joins token i of `ids`, the one after position start + i, with
   * row i of `given`, the hidden state at it. With keysOnly its cache rows are written and nothing else; else scratch.mtp.made
   * holds the block's hidden states, or with `only` that of one row, as row 0. `batch`: they are the rows of a batch, however few.
   */
  mtp(
    list: CommandList,
    cache: FullState,
    { ids, ring }: TokenIds,
    given: { tensor: GpuTensor; ring?: RingRows; firstRow?: number },
    { count, start, ropeRow, accepted }: MtpRows,
    { keysOnly = false, batch = false, only }: { keysOnly?: boolean; batch?: boolean; only?: RingRows } = {},
  ): void {
    const { mtp } = this.weights;
    const s = this.scratch;
    if (!mtp || !s.mtp) throw errors.internal('the MTP block is not loaded');
    const { hiddenSize: H, rmsEps: eps } = this.config;
    const { joined, made } = s.mtp;
    embedRows(list, this.weights.embed_tokens, ids, s.x, count, ring);
    rmsNorm(list, s.x, mtp.pre_fc_norm_embedding, rows(joined, 2 * H), { count, eps });
    rmsNorm(list, given.tensor, mtp.pre_fc_norm_hidden, rows(joined, 2 * H, H), {
      count,
      eps,
      from: given.ring ?? noRing,
      firstRow: given.firstRow ?? 0,
    });
    matmul(list, rows(joined, 2 * H), mtp.fc, rows(s.x, H), { count, few: !batch });
    if (keysOnly) this.#keys(list, mtp.layer, cache, { count, start, ropeRow, accepted });
    else {
      const never = { pending: 0, position: start, commit: 0 };
      const step = { count, batch: count > matvecRowsMax, start, ropeRow, accepted, ...never };
      this.#layer(list, mtp.layer, cache, step);
      rmsNorm(list, s.x, mtp.norm, made, only ? { count: 1, from: only, eps } : { count, eps });
    }
  }

  /** scratch.logits = `head`, unless said the model's, of row `row` of scratch.mtp.made. */
  mtpHead(list: CommandList, row: number, { count = 1, head = this.weights.lm_head } = {}): void {
    const { made } = this.scratch.mtp ?? {};
    if (!made) throw errors.internal('the MTP block is not loaded');
    const { hiddenSize: H } = this.config;
    matmul(list, rows(made, H, row * H), head, rows(this.scratch.logits, head.rows), { count });
  }

  /** Keys and values of an attention layer from x. */
  #keys(
    list: CommandList,
    w: LayerWeights,
    cache: FullState,
    { count, start, ropeRow, accepted }: MtpRows,
  ): void {
    const { config, scratch: s } = this;
    if (w.mixer.kind !== 'full') throw errors.internal('the MTP layer is not an attention layer');
    rmsNorm(list, s.x, w.input_layernorm, s.normed, { count, eps: config.rmsEps });
    w.mixer.qkv.run(list, rows(s.normed, config.hiddenSize), s.projected, count);
    attentionInputs(list, config, w.mixer, cache, s, {
      count,
      start,
      ropeRow,
      accepted: accepted?.rows,
      keysOnly: true,
    });
  }

  /** x += mixer(norm(x)); x += mlp(norm(x)). */
  #layer(list: CommandList, w: LayerWeights, state: LayerState, step: LayerRows): void {
    const { config, scratch: s } = this;
    const { count, batch = false, delta = 'recurrent' } = step;
    const norm = { count, eps: config.rmsEps };
    if (!batch) fewRowsMixer(list, config, w, state, s, step);
    else {
      const { start, ropeRow } = step;
      if (typeof start !== 'number' || typeof ropeRow !== 'number')
        throw errors.internal('a batch was recorded for replay');
      rmsNorm(list, s.x, w.input_layernorm, s.normed, norm);
      if (w.mixer.kind === 'linear' && state.kind === 'linear')
        gatedDeltaNet(list, config, w.mixer, state, s, { count, delta, start });
      else if (w.mixer.kind === 'full' && state.kind === 'full')
        gatedAttention(list, config, w.mixer, state, s, { count, start, ropeRow });
      else throw errors.internal('a layer and its state are of different kinds');
    }
    if (!batch && fewRowsFeedForward(list, config, w, s, count)) return;
    rmsNorm(list, s.x, w.post_attention_layernorm, s.normed, norm);
    feedForward(list, config, w.mlp, s, count);
  }
}

function stateOf(sequence: Qwen3NextSequence, layer: number): LayerState {
  const state = sequence.layers[layer];
  if (!state) throw errors.internal(`layer ${layer} has no state`);
  return state;
}

/** A ring whose first row moves with a word that is asked for, and with what was accepted. */
export function ringAt(
  row: Word,
  rowCount: number,
  { ahead = 0, accepted }: { ahead?: number; accepted?: Accepted | undefined } = {},
): RingRows {
  return { row: mapWord(row, at => at + ahead), mask: rowCount - 1, accepted: accepted?.rows };
}
