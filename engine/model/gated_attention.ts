// Full-attention mixer with its output gate: q ‖ gate, k, v -> norm and rotation -> attention -> sigmoid gate -> o_proj (qwen3-next 3.3).
import type { CommandList } from '../gpu/dispatch.ts';
import { attentionDecode, splitPlan } from '../kernels/attention_decode.ts';
import { attentionMerge } from '../kernels/attention_merge.ts';
import { attentionPrefill } from '../kernels/attention_prefill.ts';
import { attentionShuffle } from '../kernels/attention_shuffle.ts';
import { kvAppend } from '../kernels/kv_append.ts';
import { hasShuffle, rows } from '../kernels/launch.ts';
import { matmul } from '../kernels/matmul.ts';
import { qkNormRope } from '../kernels/qk_norm_rope.ts';
import type { ModelConfig } from './config_types.ts';
import { decodeRowsMax, type Scratch } from './scratch.ts';
import type { LayerState } from './state.ts';
import type { FullMixerWeights } from './weights.ts';

/** x += mixer(normed) for `count` rows at positions start …; their keys and values are appended to the cache. */
export function gatedAttention(
  list: CommandList,
  config: ModelConfig,
  w: FullMixerWeights,
  cache: Extract<LayerState, { kind: 'full' }>,
  s: Scratch,
  { count, start }: { count: number; start: number },
): void {
  const { headCount: heads, kvHeadCount: kvHeads, headDim: dim, rotaryDim, rmsEps: eps } = config;
  w.qkv.run(list, rows(s.normed, config.hiddenSize), s.projected, count);
  const q = w.qkv.view('q', s.projected);
  const shared = { count, dim, rotaryDim, ropeRow: 0, eps };
  // Query and gate alternate per head, so query heads are 2 * dim apart and the gate starts dim later.
  qkNormRope(
    list,
    { x: q, weight: w.q_norm, rope: s.rope, y: s.q },
    { ...shared, heads, headStride: 2 * dim, yRow: 0 },
  );
  qkNormRope(
    list,
    { x: w.qkv.view('k', s.projected), weight: w.k_norm, rope: s.rope, y: cache.keys },
    { ...shared, heads: kvHeads, headStride: dim, yRow: start },
  );
  kvAppend(list, w.qkv.view('v', s.projected), cache.values, { count, width: kvHeads * dim, row: start });
  const gate = { ...q, offset: q.offset + dim };
  const shape = { count, start, heads, kvHeads, dim };
  if (count <= decodeRowsMax) {
    attentionDecode(
      list,
      { q: s.q, keys: cache.keys, values: cache.values, partial: s.partial, stats: s.stats },
      shape,
    );
    const { splits } = splitPlan(start + count);
    attentionMerge(
      list,
      { partial: s.partial, stats: s.stats, gate, o: s.gated },
      { count, heads, dim, splits, gateHeadStride: 2 * dim },
    );
  } else {
    const attention = hasShuffle(list.gpu) ? attentionShuffle : attentionPrefill;
    const tensors = {
      q: s.q,
      keys: cache.keys,
      values: cache.values,
      gate,
      gateHeadStride: 2 * dim,
      o: s.gated,
    };
    attention(list, tensors, shape);
  }
  matmul(list, rows(s.gated, heads * dim), w.o_proj, rows(s.x, config.hiddenSize), {
    count,
    accumulate: true,
  });
}
