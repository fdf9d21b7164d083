// Kernel expert_down: the down matrices of the chosen experts, summed over the slots and added to the residual stream.
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import type { ExpertSlots } from './expert_gate_up.ts';
import fusion from './fusions/expert_down.wgsl';
import type { RowView } from './launch.ts';
import { matvec } from './matvec.ts';
import type { WeightMatrix } from './weight_matrix.ts';

/**
 * y[t] += sum over the slots given of W[expert] hidden[t, s], for t < count (docs/MODEL.md 7.2).
 * w: [experts, outputs, width], parts of whole experts; hidden f32 [count, slots, hiddenStride] with the weights applied.
 */
export function expertDown(
  list: CommandList,
  { hidden, w, y }: { hidden: GpuTensor; w: WeightMatrix; y: RowView },
  { choice, slots, slotStart, slotCount, firstExpert }: ExpertSlots,
  { count, outputs, hiddenStride }: { count: number; outputs: number; hiddenStride: number },
): void {
  for (const part of w.parts)
    matvec(list, {
      name: 'expert_down',
      fusion,
      format: w.format,
      unitsPerRow: w.unitsPerRow,
      rows: 1,
      weightRows: outputs,
      batches: count,
      tensors: [...part.planes, hidden, choice, y.tensor],
      words: [
        outputs,
        w.unitsPerRow,
        slots,
        slotStart,
        slotCount,
        firstExpert + part.rowStart / outputs,
        part.rowCount / outputs,
        hiddenStride / 4,
        y.stride,
      ],
    });
}
