// Kernel moe_matmul_shuffle: expert matrices times tiles of rows, on devices with subgroups of exactly 8 lanes.
import { shuffleLanes } from '../gpu/device.ts';
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { groupCount } from './launch.ts';
import { tileColumns } from './matmul_tile.ts';
import type { ExpertLists, MoeMatmulOptions } from './moe_lists.ts';
import source from './moe_matmul_shuffle.wgsl';
import { weightFormats, type WeightMatrix } from './weight_matrix.ts';
import { expertsWork } from './work.ts';

/** See moeMatmul. */
export function moeMatmulShuffle(
  list: CommandList,
  x: GpuTensor,
  w: WeightMatrix,
  lists: ExpertLists,
  y: GpuTensor,
  { outputs, xDivisor }: MoeMatmulOptions,
): void {
  const preamble = `const TILE_ROWS = ${lists.tileRows}u;\n${weightFormats[w.format].accessor}`;
  for (const part of w.parts)
    list.dispatch({
      spec: { name: 'moe_matmul_shuffle', source, preamble, subgroups: true },
      tensors: [...part.planes, x, lists.tiles, lists.order, y],
      words: [outputs, w.columns / 4, xDivisor, part.rowStart / outputs, part.rowCount / outputs],
      groups: [groupCount(outputs, shuffleLanes * tileColumns), lists.tileCount],
      work: expertsWork(w, part, lists, outputs),
    });
}
