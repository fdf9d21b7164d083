// Full-attention mixer with its output gate: q ‖ gate, k, v -> norm and rotation -> attention -> sigmoid gate -> o_proj (docs/MODEL.md 5).
import type { CommandList } from '../../gpu/dispatch.ts';
import { attentionBatch } from '../../kernels/attention_batch.ts';
import { rows } from '../../kernels/launch.ts';
import { matmul } from '../../kernels/matmul.ts';
import type { ModelConfig } from '../config/config_types.ts';
import { attentionInputs, type AttentionInputScratch } from './attention_inputs.ts';
import type { Scratch } from '../sequence/scratch.ts';
import type { FullState } from '../sequence/kv_caches.ts';
import type { FullMixerWeights } from '../weights/weights.ts';

/** What the layer reads and writes besides weights and cache: adds to x. */
export type AttentionScratch = AttentionInputScratch &
  Pick<Scratch, 'x' | 'normed' | 'gated' | 'partial' | 'stats'>;

/** x += mixer(normed) for a batch of `count` rows at positions start …; their keys and values are appended to the cache. */
export function gatedAttention(
  list: CommandList,
  config: ModelConfig,
  w: FullMixerWeights,
  cache: FullState,
  s: AttentionScratch,
  { count, start, ropeRow }: { count: number; start: number; ropeRow: number },
): void {
  const { headCount: heads, kvHeadCount: kvHeads, headDim: dim } = config;
  w.qkv.run(list, rows(s.normed, config.hiddenSize), s.projected, count);
  const gate = attentionInputs(list, config, w, cache, s, { count, start, ropeRow });
  attentionBatch(
    list,
    { q: s.q, cache, ...gate, o: s.gated, partial: s.partial, stats: s.stats },
    { count, start, heads, kvHeads, dim },
  );
  matmul(list, rows(s.gated, heads * dim), w.o_proj, rows(s.x, config.hiddenSize), {
    count,
    accumulate: true,
  });
}
