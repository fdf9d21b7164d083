// Kernel norm_matvec: RMSNorm of few rows, then a stored weight matrix, without the normed rows ever being stored.
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { acceptedPreamble, acceptedTensors } from './accepted.ts';
import fusion from './fusions/norm_matvec.wgsl';
import type { RowView } from './launch.ts';
import { matvec, noRing, type RingRows } from './matvec.ts';
import type { WeightMatrix } from './weight_matrix.ts';

/**
 * y[t] = W norm(x[t]) for t < count <= matvecRowsMax; norm(x) = gain x (mean(x^2) + eps)^(-1/2) (docs/MODEL.md 4.2).
 * x rows have W.columns values, offset and stride multiples of 4; gain f32 [columns]; y rows W.rows, in a ring if given.
 */
export function normMatvec(
  list: CommandList,
  { x, gain, w, y }: { x: RowView; gain: GpuTensor; w: WeightMatrix; y: RowView },
  { count, eps, ring = noRing }: { count: number; eps: number; ring?: RingRows },
): void {
  for (const part of w.parts)
    matvec(list, {
      name: 'norm_matvec',
      fusion: acceptedPreamble(ring.accepted) + fusion,
      format: w.format,
      unitsPerRow: w.unitsPerRow,
      rows: count,
      weightRows: part.rowCount,
      tensors: [...part.planes, x.tensor, gain, y.tensor, ...acceptedTensors(ring.accepted)],
      words: [
        part.rowCount,
        w.unitsPerRow,
        count,
        x.offset / 4,
        x.stride / 4,
        y.offset + part.rowStart,
        y.stride,
        ring.row,
        ring.mask,
      ],
      floats: [eps],
    });
}
