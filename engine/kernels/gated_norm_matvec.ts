// Kernel gated_norm_matvec: the gated RMSNorm of a DeltaNet layer's heads, then out_proj, added to the residual stream.
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import fusion from './fusions/gated_norm_matvec.wgsl';
import { groupCount, type RowView } from './launch.ts';
import { matvec, type RingRows } from './matvec.ts';
import type { WeightMatrix } from './weight_matrix.ts';
import { productWork } from './work.ts';

/** Columns of a head whose squares gated_delta_decode adds up. */
export const squareBlock = 32;

/**
 * y[t] += W (gain norm(o[t]) silu(z[t])) for t < count <= matvecRowsMax (docs/MODEL.md 6.6).
 * o f32 [count, heads, dim] and behind it, from element squaresAt, its sums of squares [count, heads, ceil(dim / 32)];
 * z rows of a ring; gain f32 [dim]; tileHeads: key heads when W's columns count heads tiled, else 0.
 */
export function gatedNormMatvec(
  list: CommandList,
  { o, z, gain, w, y }: { o: GpuTensor; z: RowView; gain: GpuTensor; w: WeightMatrix; y: RowView },
  {
    count,
    heads,
    dim,
    eps,
    tileHeads,
    squaresAt,
    ring,
  }: {
    count: number;
    heads: number;
    dim: number;
    eps: number;
    tileHeads: number;
    squaresAt: number;
    ring: RingRows;
  },
): void {
  for (const part of w.parts)
    matvec(list, {
      name: 'gated_norm_matvec',
      fusion,
      accepted: ring.accepted,
      constants: { DIM4: dim / 4 },
      weights: [{ format: w.format, columns: w.columns, planes: part.planes }],
      rows: count,
      weightRows: [part.rowCount],
      tensors: [o, o, z.tensor, gain, y.tensor],
      words: [
        part.rowCount,
        w.columns,
        count,
        heads,
        groupCount(dim, squareBlock),
        squaresAt,
        z.offset / 4,
        z.stride / 4,
        ring.row,
        ring.mask,
        tileHeads,
        y.offset + part.rowStart,
        y.stride,
      ],
      work: productWork(w, part, count),
      floats: [eps],
    });
}
