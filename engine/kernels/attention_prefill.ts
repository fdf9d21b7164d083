// Kernel attention_prefill: causal gated attention of a batch of rows (qwen3-next 3.3 steps 4 and 5).
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import source from './attention_prefill.wgsl';
import { groupCount, laneCount, unroll, type RowView } from './launch.ts';

/** Sizes of one attention call; heads is a multiple of kvHeads, dim of 4; row 0 stands at position `start`. */
export interface AttentionShape {
  count: number;
  start: number;
  heads: number;
  kvHeads: number;
  dim: number;
}

/** q, o f32 [count, heads, dim]; keys, values f32 [capacity, kvHeads, dim]; gate rows hold heads gateHeadStride apart. */
export interface AttentionTensors {
  q: GpuTensor;
  keys: GpuTensor;
  values: GpuTensor;
  gate: RowView;
  gateHeadStride: number;
  o: GpuTensor;
}

export function attentionPrefill(list: CommandList, t: AttentionTensors, shape: AttentionShape): void {
  const wg = laneCount(list.gpu);
  list.dispatch({
    spec: {
      name: 'attention_prefill',
      source,
      preamble: `const D4 = ${shape.dim / 4}u;\n${unroll(list.gpu)}`,
      constants: { wg },
    },
    tensors: [t.q, t.keys, t.values, t.gate.tensor, t.o],
    words: [
      shape.count,
      shape.heads,
      shape.kvHeads,
      shape.start,
      t.gate.offset / 4,
      t.gate.stride / 4,
      t.gateHeadStride / 4,
      shape.dim / 4,
    ],
    floats: [shape.dim ** -0.5],
    groups: [groupCount(shape.count, wg), shape.heads],
  });
}
