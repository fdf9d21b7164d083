// Kernel matmul_vec: one row (or a few, each on its own) times a stored weight matrix.
import type { CommandList } from '../gpu/dispatch.ts';
import { groupCount, laneCount, type RowView } from './launch.ts';
import type { MatmulOptions } from './matmul_options.ts';
import source from './matmul_vec.wgsl';
import { weightFormats, type WeightMatrix } from './weight_matrix.ts';
import { productWork } from './work.ts';

/** Outputs of one invocation: a software device gains by reading x once for several, a GPU by more invocations. */
export function vecColumns(list: CommandList): number {
  return list.gpu.software ? 4 : 1;
}

/** See matmul. */
export function matmulVec(
  list: CommandList,
  x: RowView,
  w: WeightMatrix,
  y: RowView,
  { count, accumulate = false }: MatmulOptions,
): void {
  const wg = laneCount(list.gpu);
  const columns = vecColumns(list);
  const preamble = `const TILE_COLS = ${columns}u;\n${weightFormats[w.format].accessor}`;
  for (const part of w.parts)
    list.dispatch({
      spec: { name: 'matmul_vec', source, preamble, constants: { wg } },
      tensors: [...part.planes, x.tensor, y.tensor],
      words: [
        part.rowCount,
        w.unitsPerRow,
        x.offset / 4,
        x.stride / 4,
        y.offset + part.rowStart,
        y.stride,
        accumulate ? 1 : 0,
      ],
      groups: [groupCount(part.rowCount, wg * columns), count],
      work: productWork(w, part, count),
    });
}
