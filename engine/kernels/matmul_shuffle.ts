// Kernel matmul_shuffle: a batch of rows times a stored weight matrix, on devices with subgroups of exactly 8 lanes.
import { shuffleLanes } from '../gpu/device.ts';
import type { CommandList } from '../gpu/dispatch.ts';
import { groupCount, type RowView } from './launch.ts';
import type { MatmulOptions } from './matmul_options.ts';
import { tileColumns, tileRows } from './matmul_tile.ts';
import source from './matmul_shuffle.wgsl';
import { weightFormats, type WeightMatrix } from './weight_matrix.ts';
import { productWork } from './work.ts';

/** See matmul. */
export function matmulShuffle(
  list: CommandList,
  x: RowView,
  w: WeightMatrix,
  y: RowView,
  { count, accumulate = false }: MatmulOptions,
): void {
  const preamble = `const TILE_ROWS = ${tileRows}u;\n${weightFormats[w.format].accessor}`;
  for (const part of w.parts)
    list.dispatch({
      spec: { name: 'matmul_shuffle', source, preamble, subgroups: true },
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
      groups: [groupCount(part.rowCount, shuffleLanes * tileColumns), groupCount(count, tileRows)],
      work: productWork(w, part, count),
    });
}
