// Full-attention mixer with its output gate: q ‖ gate, k, v -> norm and rotation -> attention -> sigmoid gate -> o_proj (docs/MODEL.md 5).
import type { CommandList } from '../../gpu/dispatch.ts';
import { attentionBatch } from '../../kernels/attention_batch.ts';
import { attentionPrep } from '../../kernels/attention_prep.ts';
import { rows } from '../../kernels/launch.ts';
import { matmul } from '../../kernels/matmul.ts';
import type { ModelConfig } from '../config/config_types.ts';
import type { Scratch } from '../sequence/scratch.ts';
import type { FullState } from '../sequence/kv_caches.ts';
import type { FullMixerWeights } from '../weights/weights.ts';

/** x += mixer(normed) for a batch of `count` rows at positions start …; their keys and values are appended to the cache. */
export function gatedAttention(
  list: CommandList,
  config: ModelConfig,
  w: FullMixerWeights,
  cache: FullState,
  s: Scratch,
  { count, start, ropeRow }: { count: number; start: number; ropeRow: number },
): void {
  const { headCount: heads, kvHeadCount: kvHeads, headDim: dim, rotaryDim, rmsEps: eps } = config;
  w.qkv.run(list, rows(s.normed, config.hiddenSize), s.projected, count);
  const q = w.qkv.view('q', s.projected);
  attentionPrep(
    list,
    {
      q,
      k: w.qkv.view('k', s.projected),
      v: w.qkv.view('v', s.projected),
      gains: w.qk_norm,
      rope: s.rope,
    },
    { q: s.q, cache },
    { count, start, ropeRow, heads, kvHeads, dim, rotaryDim, eps },
  );
  // Query and gate alternate per head: the gate starts dim later.
  const gate = { ...q, offset: q.offset + dim };
  const shape = { count, start, heads, kvHeads, dim };
  attentionBatch(list, { q: s.q, cache, gate, gateHeadStride: 2 * dim, o: s.gated }, shape);
  matmul(list, rows(s.gated, heads * dim), w.o_proj, rows(s.x, config.hiddenSize), {
    count,
    accumulate: true,
  });
}
