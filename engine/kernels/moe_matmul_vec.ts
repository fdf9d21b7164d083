// Kernel moe_matmul_vec: expert matrices times single rows.
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { groupCount, laneCount } from './launch.ts';
import { vecColumns } from './matmul_vec.ts';
import type { ExpertLists, MoeMatmulOptions } from './moe_lists.ts';
import source from './moe_matmul_vec.wgsl';
import { weightFormats, type WeightMatrix } from './weight_matrix.ts';
import { expertsWork } from './work.ts';

/** See moeMatmul; lists.tileRows is 1. */
export function moeMatmulVec(
  list: CommandList,
  x: GpuTensor,
  w: WeightMatrix,
  lists: ExpertLists,
  y: GpuTensor,
  { outputs, xDivisor }: MoeMatmulOptions,
): void {
  const wg = laneCount(list.gpu);
  const columns = vecColumns(list);
  const preamble = `const TILE_COLS = ${columns}u;\n${weightFormats[w.format].accessor}`;
  for (const part of w.parts)
    list.dispatch({
      spec: { name: 'moe_matmul_vec', source, preamble, constants: { wg } },
      tensors: [...part.planes, x, lists.tiles, lists.order, y],
      words: [outputs, w.unitsPerRow, xDivisor, part.rowStart / outputs, part.rowCount / outputs],
      groups: [groupCount(outputs, wg * columns), lists.tileCount],
      work: expertsWork(w, part, lists, outputs),
    });
}
