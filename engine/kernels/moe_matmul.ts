// Kernel moe_matmul: rows times the matrices of their experts, grouped by expert.
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { groupCount, laneCount } from './launch.ts';
import { tileShape } from './matmul.ts';
import source from './moe_matmul.wgsl';
import type { ExpertLists } from './moe_lists.ts';
import { weightFormats, type WeightMatrix } from './weight_matrix.ts';

/**
 * y[entry] = W[expert(entry)] x[entry / xDivisor]. W holds all experts' [outputs, K] matrices one after another;
 * x f32 [*, K]; y f32 [entries, outputs]. Parts of W hold whole experts.
 */
export function moeMatmul(
  list: CommandList,
  x: GpuTensor,
  w: WeightMatrix,
  lists: ExpertLists,
  y: GpuTensor,
  { outputs, xDivisor }: { outputs: number; xDivisor: number },
): void {
  const wg = laneCount(list.gpu);
  const { tileCols } = tileShape(list, lists.tileRows);
  const preamble = `const TILE_ROWS = ${lists.tileRows}u;\nconst TILE_COLS = ${tileCols}u;\n${weightFormats[w.format].accessor}`;
  for (const part of w.parts)
    list.dispatch({
      spec: { name: 'moe_matmul', source, preamble, constants: { wg } },
      tensors: [...part.planes, x, lists.tiles, lists.order, y],
      words: [outputs, w.unitsPerRow, xDivisor, part.rowStart / outputs, part.rowCount / outputs],
      groups: [groupCount(outputs, wg * tileCols), lists.tileCount],
    });
}
