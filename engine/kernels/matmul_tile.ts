// Kernel matmul_tile: a batch of rows times a stored weight matrix.
import type { CommandList } from '../gpu/dispatch.ts';
import { groupCount, laneCount, type RowView } from './launch.ts';
import type { MatmulOptions } from './matmul_options.ts';
import source from './matmul_tile.wgsl';
import { weightFormats, type WeightMatrix } from './weight_matrix.ts';
import { productWork } from './work.ts';

/** Rows and outputs of one invocation. */
export const tileRows = 8;
export const tileColumns = 4;

/** See matmul. */
export function matmulTile(
  list: CommandList,
  x: RowView,
  w: WeightMatrix,
  y: RowView,
  { count, accumulate = false }: MatmulOptions,
): void {
  const wg = laneCount(list.gpu);
  const preamble = `const TILE_ROWS = ${tileRows}u;\n${weightFormats[w.format].accessor}`;
  for (const part of w.parts)
    list.dispatch({
      spec: { name: 'matmul_tile', source, preamble, constants: { wg } },
      tensors: [...part.planes, x.tensor, y.tensor],
      words: [
        count,
        part.rowCount,
        w.columns / 4,
        x.offset / 4,
        x.stride / 4,
        y.offset + part.rowStart,
        y.stride,
        accumulate ? 1 : 0,
      ],
      groups: [groupCount(part.rowCount, wg * tileColumns), groupCount(count, tileRows)],
      work: productWork(w, part, count),
    });
}
