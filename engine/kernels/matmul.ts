// Rows of activations times a stored weight matrix: picks the kernel by the number of rows and the device.
import type { CommandList } from '../gpu/dispatch.ts';
import { addMatvec } from './add_matvec.ts';
import type { RowView } from './launch.ts';
import type { MatmulOptions } from './matmul_options.ts';
import { matmulBlock } from './matmul_block.ts';
import { matmulShuffle } from './matmul_shuffle.ts';
import { matmulTile } from './matmul_tile.ts';
import { matmulVec } from './matmul_vec.ts';
import { matvecRowsMax } from './matvec.ts';
import type { WeightMatrix } from './weight_matrix.ts';

/** y[t] = W x[t], or y[t] += W x[t]. x rows have W.columns values, y rows W.rows; offset and stride of x are multiples of 4. */
export function matmul(
  list: CommandList,
  x: RowView,
  w: WeightMatrix,
  y: RowView,
  options: MatmulOptions,
): void {
  const { count, few = count === 1 } = options;
  // Teams read a row of weights side by side, where lanes of matmul_vec would each walk along its own.
  if (!list.gpu.software && few && count <= matvecRowsMax) {
    addMatvec(list, { x, w, y }, { accumulate: false, ...options });
    return;
  }
  const batch = { tile: matmulTile, shuffle: matmulShuffle, block: matmulBlock }[list.gpu.variant.matmul];
  (count === 1 ? matmulVec : batch)(list, x, w, y, options);
}
