// Kernel attention_prep: norms and rotation of queries and keys (docs/MODEL.md 5.1, 5.2), keys and values into the cache.
import type { CommandList } from '../gpu/dispatch.ts';
import type { Word } from '../gpu/encoded_kernel.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { errors } from '../protocol/errors.ts';
import { acceptedPreamble, acceptedTensors } from './accepted.ts';
import source from './attention_prep.wgsl';
import { kvAccessor, type KvCache } from './kv_cache.ts';
import { laneCount, unroll, type RowView } from './launch.ts';
import { overValues } from './work.ts';

/**
 * Of one tensor, q rows of [heads, 2 dim] (query and gate alternate), k and v rows of [kvHeads, dim]; gains f32 [2, dim] of queries and keys;
 * rope f32 [*, rotaryDim / 2, 2] from ropeRow; to: queries f32 [count, heads, dim], cache rows from `start`. With heads 0 only
 * keys and values are made.
 */
export function attentionPrep(
  list: CommandList,
  t: { q: RowView; k: RowView; v: RowView; gains: GpuTensor; rope: GpuTensor },
  to: { q: GpuTensor; cache: KvCache },
  s: {
    count: number;
    start: Word;
    ropeRow: Word;
    heads: number;
    kvHeads: number;
    dim: number;
    rotaryDim: number;
    eps: number;
    /** By as many rows start and ropeRow are later (see accepted.ts). */
    accepted?: GpuTensor | undefined;
  },
): void {
  const { keys, values, table } = to.cache;
  if (t.k.tensor !== t.q.tensor || t.v.tensor !== t.q.tensor)
    throw errors.internal('queries, keys and values lie in several tensors');
  list.dispatch({
    spec: {
      name: 'attention_prep',
      source,
      preamble: unroll(list.gpu) + acceptedPreamble(s.accepted) + kvAccessor(to.cache, s.dim),
      constants: { wg: laneCount(list.gpu) },
    },
    tensors: [t.q.tensor, t.gains, t.rope, to.q, keys, values, table, ...acceptedTensors(s.accepted)],
    words: [
      s.heads,
      s.kvHeads,
      s.rotaryDim / 2,
      t.q.offset,
      t.q.stride,
      t.k.offset,
      t.k.stride,
      t.v.offset,
      t.v.stride,
      s.start,
      s.ropeRow,
    ],
    floats: [s.eps],
    groups: [s.heads + 2 * s.kvHeads, s.count],
    work: overValues(2 * s.count * (s.heads + 2 * s.kvHeads) * s.dim),
  });
}
