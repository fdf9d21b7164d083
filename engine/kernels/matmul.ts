// Kernel matmul: rows of activations times a stored weight matrix.
import type { CommandList } from '../gpu/dispatch.ts';
import { groupCount, laneCount, type RowView } from './launch.ts';
import source from './matmul.wgsl';
import { weightFormats, type WeightMatrix } from './weight_matrix.ts';

/** Rows and outputs one invocation owns; both stay in registers. */
export function tileShape(list: CommandList, rowCount: number): { tileRows: number; tileCols: number } {
  if (rowCount === 1) return { tileRows: 1, tileCols: list.gpu.software ? 4 : 1 };
  return { tileRows: 8, tileCols: 2 };
}

/** y[t] = W x[t], or y[t] += W x[t]. x rows have W.columns values, y rows W.rows; offsets and strides of x are multiples of 4. */
export function matmul(
  list: CommandList,
  x: RowView,
  w: WeightMatrix,
  y: RowView,
  { count, accumulate = false }: { count: number; accumulate?: boolean },
): void {
  const wg = laneCount(list.gpu);
  const { tileRows, tileCols } = tileShape(list, count);
  const preamble = `const TILE_ROWS = ${tileRows}u;\nconst TILE_COLS = ${tileCols}u;\n${weightFormats[w.format].accessor}`;
  for (const part of w.parts)
    list.dispatch({
      spec: { name: 'matmul', source, preamble, constants: { wg } },
      tensors: [...part.planes, x.tensor, y.tensor],
      words: [count, part.rowCount, w.unitsPerRow, x.offset / 4, x.stride / 4, y.offset + part.rowStart, y.stride, accumulate ? 1 : 0],
      groups: [groupCount(part.rowCount, wg * tileCols), groupCount(count, tileRows)],
    });
}
