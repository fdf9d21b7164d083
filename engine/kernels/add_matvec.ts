// Kernel add_matvec: few rows times a stored weight matrix, added to the residual stream or written.
import type { CommandList } from '../gpu/dispatch.ts';
import fusion from './fusions/add_matvec.wgsl';
import type { RowView } from './launch.ts';
import type { MatmulOptions } from './matmul_options.ts';
import { matvec } from './matvec.ts';
import type { WeightMatrix } from './weight_matrix.ts';
import { productWork } from './work.ts';

/** y[t] += W x[t], or y[t] = W x[t], for t < count <= matvecRowsMax. x rows have W.columns values, offset and stride multiples of 4; y rows W.rows. */
export function addMatvec(
  list: CommandList,
  { x, w, y }: { x: RowView; w: WeightMatrix; y: RowView },
  { count, accumulate = true }: Pick<MatmulOptions, 'count' | 'accumulate'>,
): void {
  for (const part of w.parts)
    matvec(list, {
      name: 'add_matvec',
      fusion,
      weights: [{ format: w.format, columns: w.columns, planes: part.planes }],
      rows: count,
      weightRows: [part.rowCount],
      tensors: [x.tensor, y.tensor],
      words: [
        part.rowCount,
        w.columns,
        count,
        x.offset / 4,
        x.stride / 4,
        y.offset + part.rowStart,
        y.stride,
        accumulate ? 1 : 0,
      ],
      work: productWork(w, part, count),
    });
}
