// Full-attention mixer with its output gate: q ‖ gate, k, v -> norm and rotation -> attention -> sigmoid gate -> o_proj (qwen3-next 3.3).
import type { CommandList } from '../gpu/dispatch.ts';
import { attentionPrefill } from '../kernels/attention_prefill.ts';
import { attentionShuffle } from '../kernels/attention_shuffle.ts';
import { kvAppend } from '../kernels/kv_append.ts';
import { hasShuffle, rows } from '../kernels/launch.ts';
import { matmul } from '../kernels/matmul.ts';
import { qkNormRope } from '../kernels/qk_norm_rope.ts';
import type { ModelConfig } from './config_types.ts';
import type { Scratch } from './scratch.ts';
import type { LayerState } from './state.ts';
import type { FullMixerWeights } from './weights.ts';

/** x += mixer(normed) for a batch of `count` rows at positions start …; their keys and values are appended to the cache. */
export function gatedAttention(
  list: CommandList,
  config: ModelConfig,
  w: FullMixerWeights,
  cache: Extract<LayerState, { kind: 'full' }>,
  s: Scratch,
  { count, start, ropeRow }: { count: number; start: number; ropeRow: number },
): void {
  const { headCount: heads, kvHeadCount: kvHeads, headDim: dim, rotaryDim, rmsEps: eps } = config;
  w.qkv.run(list, rows(s.normed, config.hiddenSize), s.projected, count);
  const q = w.qkv.view('q', s.projected);
  const shared = { count, dim, rotaryDim, ropeRow, eps };
  // Query and gate alternate per head, so query heads are 2 * dim apart and the gate starts dim later.
  qkNormRope(
    list,
    { x: q, weight: w.qk_norm, rope: s.rope, y: s.q },
    { ...shared, heads, headStride: 2 * dim, yRow: 0, weightAt: 0 },
  );
  qkNormRope(
    list,
    { x: w.qkv.view('k', s.projected), weight: w.qk_norm, rope: s.rope, y: cache.keys },
    { ...shared, heads: kvHeads, headStride: dim, yRow: start, weightAt: dim },
  );
  kvAppend(list, w.qkv.view('v', s.projected), cache.values, { count, width: kvHeads * dim, row: start });
  const gate = { ...q, offset: q.offset + dim };
  const shape = { count, start, heads, kvHeads, dim };
  const attention = hasShuffle(list.gpu) ? attentionShuffle : attentionPrefill;
  attention(
    list,
    { q: s.q, keys: cache.keys, values: cache.values, gate, gateHeadStride: 2 * dim, o: s.gated },
    shape,
  );
  matmul(list, rows(s.gated, heads * dim), w.o_proj, rows(s.x, config.hiddenSize), {
    count,
    accumulate: true,
  });
}
