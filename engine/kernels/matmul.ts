// Rows of activations times a stored weight matrix: picks the kernel by the number of rows and the device.
import type { CommandList } from '../gpu/dispatch.ts';
import { addMatvec } from './add_matvec.ts';
import type { Work } from '../shared/prediction/cost.ts';
import type { RowView } from './launch.ts';
import type { MatmulOptions } from './matmul_options.ts';
import { matmulBlock } from './matmul_block.ts';
import { matmulShuffle } from './matmul_shuffle.ts';
import { matmulTile } from './matmul_tile.ts';
import { matmulVec } from './matmul_vec.ts';
import { matvecRowsMax } from './matvec.ts';
import type { WeightMatrix, WeightPart } from './weight_matrix.ts';
import { productWork, rowPieces } from './work.ts';

/** Pieces of a batch begin at multiples of it: whole tiles of every kernel. */
const pieceRows = 64;

/** What the largest part of W has to do. */
function heaviest(w: WeightMatrix, count: number): Work {
  const [largest] = w.parts.toSorted((a, b) => b.rowCount - a.rowCount);
  return productWork(w, largest as WeightPart, count);
}

const rowsFrom = (view: RowView, first: number): RowView => ({
  ...view,
  offset: view.offset + first * view.stride,
});

/**
 * y[t] = W x[t], or y[t] += W x[t]. x rows have W.columns values, y rows W.rows; offset and stride of x are multiples of 4. Rows are
 * cut where all at once are too much work.
 */
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
  const kernel = count === 1 ? matmulVec : batch;
  for (const { first, count: rows } of rowPieces(list.gpu, { count, multiple: pieceRows }, piece =>
    heaviest(w, piece.count),
  ))
    kernel(list, rowsFrom(x, first), w, rowsFrom(y, first), { ...options, count: rows });
}
