// Kernel moe_matmul_block: expert matrices times tiles of rows, in blocks of workgroup memory.
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { errors } from '../protocol/errors.ts';
import { blockOutputs, blockRows, blockSpec, type BlockShape } from './block.ts';
import { groupCount } from './launch.ts';
import { launchOf, type ExpertLists, type MoeMatmulOptions } from './moe_lists.ts';
import source from './moe_matmul_block.wgsl';
import type { WeightMatrix } from './weight_matrix.ts';
import { expertsWork } from './work.ts';

/** 128 outputs × 16 entries, and 64 × 32 or 64 × 64 where experts get many: each lane 8 × 4, or 8 × 8. */
const shapes: readonly BlockShape[] = [
  { outputLanes: 16, rowLanes: 4, laneRows: 4 },
  { outputLanes: 8, rowLanes: 8, laneRows: 4 },
  { outputLanes: 8, rowLanes: 8, laneRows: 8 },
];

/** Rows a tile may be cut to. */
export const blockTileRows: readonly number[] = shapes.map(blockRows);

/** Workgroups over the outputs of one expert. */
export function blockOutputGroups(tileRows: number, outputs: number): number {
  return groupCount(outputs, blockOutputs(shapeOf(tileRows)));
}

function shapeOf(tileRows: number): BlockShape {
  const shape = shapes.find(one => blockRows(one) === tileRows);
  if (!shape) throw errors.internal(`moe_matmul_block has no tiles of ${tileRows} rows`);
  return shape;
}

/** See moeMatmul. lists.tileRows is one of blockTileRows. */
export function moeMatmulBlock(
  list: CommandList,
  x: GpuTensor,
  w: WeightMatrix,
  lists: ExpertLists,
  y: GpuTensor,
  { outputs, xDivisor, product }: MoeMatmulOptions,
): void {
  // Batches of any length run what was compiled for one of them.
  for (const shape of list.collecting ? shapes : [shapeOf(lists.tileRows)])
    for (const part of w.parts)
      list.dispatch({
        spec: blockSpec(list.gpu, { name: 'moe_matmul_block', source, format: w.format, shape }),
        tensors: [...part.planes, x, lists.tiles, lists.order, y],
        words: [
          outputs,
          w.columns / 4,
          xDivisor,
          part.rowStart / outputs,
          part.rowCount / outputs,
          shape.laneRows,
        ],
        groups: launchOf(lists, product, groupCount(outputs, blockOutputs(shape))),
        work: expertsWork(w, part, lists, outputs),
      });
}
