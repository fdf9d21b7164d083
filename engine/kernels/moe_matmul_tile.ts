// Kernel moe_matmul_tile: expert matrices times tiles of rows.
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { groupCount, laneCount } from './launch.ts';
import { tileColumns } from './matmul_tile.ts';
import type { ExpertLists, MoeMatmulOptions } from './moe_lists.ts';
import source from './moe_matmul_tile.wgsl';
import { weightFormats, type WeightMatrix } from './weight_matrix.ts';
import { expertsWork } from './work.ts';

/** See moeMatmul. */
export function moeMatmulTile(
  list: CommandList,
  x: GpuTensor,
  w: WeightMatrix,
  lists: ExpertLists,
  y: GpuTensor,
  { outputs, xDivisor }: MoeMatmulOptions,
): void {
  const wg = laneCount(list.gpu);
  const preamble = `const TILE_ROWS = ${lists.tileRows}u;\n${weightFormats[w.format].accessor}`;
  for (const part of w.parts)
    list.dispatch({
      spec: { name: 'moe_matmul_tile', source, preamble, constants: { wg } },
      tensors: [...part.planes, x, lists.tiles, lists.order, y],
      words: [outputs, w.columns / 4, xDivisor, part.rowStart / outputs, part.rowCount / outputs],
      groups: [groupCount(outputs, wg * tileColumns), lists.tileCount],
      work: expertsWork(w, part, lists, outputs),
    });
}
