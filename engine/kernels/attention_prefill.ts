// Kernel attention_prefill: causal gated attention of a batch of rows (docs/MODEL.md 5.3).
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import source from './attention_prefill.wgsl';
import { kvAccessor, type KvCache } from './kv_cache.ts';
import { groupCount, laneCount, unroll, type RowView } from './launch.ts';
import { attentionWork } from './work.ts';

/**
 * Sizes of one attention call; heads is a multiple of kvHeads, dim of 4. Of the rows, of which row 0 stands at position `start`,
 * those from firstRow on are computed, `count` of them.
 */
export interface AttentionShape {
  count: number;
  firstRow?: number;
  start: number;
  heads: number;
  kvHeads: number;
  dim: number;
}

/** q, o f32 [firstRow + count, heads, dim]; gate rows hold heads gateHeadStride apart. */
export interface AttentionTensors {
  q: GpuTensor;
  cache: KvCache;
  gate: RowView;
  gateHeadStride: number;
  o: GpuTensor;
}

export function attentionPrefill(list: CommandList, t: AttentionTensors, shape: AttentionShape): void {
  const wg = laneCount(list.gpu);
  const { keys, values, table } = t.cache;
  const { firstRow = 0 } = shape;
  list.dispatch({
    spec: {
      name: 'attention_prefill',
      source,
      preamble: kvAccessor(t.cache, shape.dim) + unroll(list.gpu),
      constants: { wg },
    },
    tensors: [t.q, keys, values, t.gate.tensor, t.o, table],
    words: [
      firstRow + shape.count,
      shape.heads,
      shape.kvHeads,
      shape.start,
      t.gate.offset / 4,
      t.gate.stride / 4,
      t.gateHeadStride / 4,
      shape.dim / 4,
      firstRow,
    ],
    floats: [shape.dim ** -0.5],
    groups: [groupCount(shape.count, wg), shape.heads],
    work: attentionWork({ ...shape, format: t.cache.format }),
  });
}
