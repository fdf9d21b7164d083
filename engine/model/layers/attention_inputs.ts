// What attention of a layer starts from, whichever kernel computes it: rotated queries, keys and values in the cache, and the gate.
import type { CommandList } from '../../gpu/dispatch.ts';
import type { Word } from '../../gpu/encoded_kernel.ts';
import type { GpuTensor } from '../../gpu/tensor.ts';
import { attentionPrep } from '../../kernels/attention_prep.ts';
import type { KvCache } from '../../kernels/kv_cache.ts';
import type { RowView } from '../../kernels/launch.ts';
import type { ModelConfig } from '../config/config_types.ts';
import type { Scratch } from '../sequence/scratch.ts';
import type { FullMixerWeights } from '../weights/weights.ts';

export type AttentionInputScratch = Pick<Scratch, 'projected' | 'rope' | 'q'>;

/** Rows of gates, each head's gateHeadStride behind the one before. */
interface AttentionGate {
  gate: RowView;
  gateHeadStride: number;
}

/**
 * Norms and rotates what `qkv` has put into s.projected: queries of `count` rows go to s.q, keys and values to the cache from position
 * `start` on. With keysOnly no queries are made. Returns the gate.
 */
export function attentionInputs(
  list: CommandList,
  config: ModelConfig,
  { qkv, qk_norm: gains }: Pick<FullMixerWeights, 'qkv' | 'qk_norm'>,
  cache: KvCache,
  s: AttentionInputScratch,
  {
    count,
    start,
    ropeRow,
    accepted,
    keysOnly = false,
  }: { count: number; start: Word; ropeRow: Word; accepted?: GpuTensor | undefined; keysOnly?: boolean },
): AttentionGate {
  const { headCount, kvHeadCount: kvHeads, headDim: dim, rotaryDim, rmsEps: eps } = config;
  const view = (name: string) => qkv.view(name, s.projected);
  attentionPrep(
    list,
    { q: view('q'), k: view('k'), v: view('v'), gains, rope: s.rope },
    { q: s.q, cache },
    { count, start, ropeRow, heads: keysOnly ? 0 : headCount, kvHeads, dim, rotaryDim, eps, accepted },
  );
  return attentionGate(config, qkv, s);
}

/** The gate among what `qkv` has put into s.projected. */
export function attentionGate(
  { headDim }: Pick<ModelConfig, 'headDim'>,
  qkv: FullMixerWeights['qkv'],
  s: Pick<Scratch, 'projected'>,
): AttentionGate {
  const q = qkv.view('q', s.projected);
  // Query and gate alternate per head: the gate starts headDim later.
  return { gate: { ...q, offset: q.offset + headDim }, gateHeadStride: 2 * headDim };
}
