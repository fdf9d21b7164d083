// Kernel matmul_block: a batch of rows times a stored weight matrix, on devices with workgroup memory worth using.
import type { CommandList } from '../gpu/dispatch.ts';
import { blockOutputs, blockRows, blockSpec, type BlockShape } from './block.ts';
import { groupCount, type RowView } from './launch.ts';
import type { MatmulOptions } from './matmul_options.ts';
import source from './matmul_block.wgsl';
import type { WeightMatrix } from './weight_matrix.ts';
import { productWork } from './work.ts';

/** 64 outputs × 64 rows, each lane 8 × 8; for short batches 32 × 32, so that there are enough workgroups. */
const wide: BlockShape = { outputLanes: 8, rowLanes: 8, laneRows: 8 };
const small: BlockShape = { outputLanes: 4, rowLanes: 16, laneRows: 2 };

/** See matmul. */
export function matmulBlock(
  list: CommandList,
  x: RowView,
  w: WeightMatrix,
  y: RowView,
  { count, accumulate = false }: MatmulOptions,
): void {
  const fitting = count > blockRows(small) ? wide : small;
  // Batches of any length run what was compiled for one of them.
  for (const shape of list.collecting ? [wide, small] : [fitting])
    for (const part of w.parts)
      list.dispatch({
        spec: blockSpec(list.gpu, { name: 'matmul_block', source, format: w.format, shape }),
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
          shape.laneRows,
        ],
        groups: [groupCount(count, blockRows(shape)), groupCount(part.rowCount, blockOutputs(shape))],
        work: productWork(w, part, count),
      });
}
