// Kernel qk_norm_rope: per-head norm and partial rotary embedding of queries or keys (qwen3-next 3.2, 3.3).
import type { CommandList, Word } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { groupCount, laneCount, type RowView } from './launch.ts';
import source from './qk_norm_rope.wgsl';

/**
 * y[yRow + t, h] = rope(norm(x[t, h])). x rows hold heads headStride apart; weight: dim values from weightAt, with the +1 in them;
 * rope f32 [*, rotaryDim / 2, 2], row ropeRow + t; y f32 [*, heads, dim].
 */
export function qkNormRope(
  list: CommandList,
  { x, weight, rope, y }: { x: RowView; weight: GpuTensor; rope: GpuTensor; y: GpuTensor },
  o: {
    count: number;
    heads: number;
    dim: number;
    rotaryDim: number;
    headStride: number;
    ropeRow: Word;
    yRow: Word;
    weightAt: number;
    eps: number;
  },
): void {
  const wg = laneCount(list.gpu);
  list.dispatch({
    spec: { name: 'qk_norm_rope', source, constants: { wg } },
    tensors: [x.tensor, weight, rope, y],
    words: [
      o.count * o.heads,
      o.heads,
      o.dim,
      o.rotaryDim / 2,
      x.offset,
      x.stride,
      o.headStride,
      o.ropeRow,
      o.yRow,
      o.weightAt,
    ],
    floats: [o.eps],
    groups: [groupCount(o.count * o.heads, wg)],
  });
}
