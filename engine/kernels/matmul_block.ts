// Kernel matmul_block: a batch of rows times a stored weight matrix, on devices with workgroup memory worth using.
import type { CommandList } from '../gpu/dispatch.ts';
import { blockOutputs, blockRows, blockSpec, blocksRound, type BlockShape } from './block.ts';
import { groupCount, type RowView } from './launch.ts';
import type { MatmulOptions } from './matmul_options.ts';
import source from './matmul_block.wgsl';
import type { WeightMatrix, WeightPart } from './weight_matrix.ts';
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
  { count, accumulate = false, exactFrom }: MatmulOptions,
): void {
  const fitting = count > blockRows(small) ? wide : small;
  const exactRow = blocksRound(list.gpu, w.format) ? (exactFrom ?? w.rows) : w.rows;
  const runs = w.parts.flatMap(part => runsOf(part, exactRow));
  // Batches of any length run what was compiled for one of them.
  for (const shape of list.collecting ? [wide, small] : [fitting])
    for (const { planes, rowStart, first, outputs, exact } of runs)
      list.dispatch({
        spec: blockSpec(list.gpu, { name: 'matmul_block', source, format: w.format, shape, exact }),
        tensors: [...planes, x.tensor, y.tensor],
        words: [
          count,
          outputs,
          w.columns / 4,
          x.offset / 4,
          x.stride / 4,
          y.offset + rowStart + first,
          y.stride,
          accumulate ? 1 : 0,
          (first * w.columns) / 4,
          shape.laneRows,
        ],
        groups: [groupCount(count, blockRows(shape)), groupCount(outputs, blockOutputs(shape))],
        work: productWork(w, { rowCount: outputs }, count),
      });
}

/** Rows `first` … `first + outputs - 1` of a part, which are multiplied alike. */
type Run = Pick<WeightPart, 'planes' | 'rowStart'> & { first: number; outputs: number; exact: boolean };

/** The rows of a part in front of row `exactRow` of the matrix, and those from there on. */
function runsOf({ planes, rowStart, rowCount }: WeightPart, exactRow: number): Run[] {
  const cut = Math.min(rowCount, Math.max(0, exactRow - rowStart));
  return [
    { planes, rowStart, first: 0, outputs: cut, exact: false },
    { planes, rowStart, first: cut, outputs: rowCount - cut, exact: true },
  ].filter(({ outputs }) => outputs > 0);
}
