// Kernel expert_gate_up: RMSNorm, the gate and up matrices of the chosen experts and SwiGLU, for few rows.
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import fusion from './fusions/expert_gate_up.wgsl';
import type { RowView } from './launch.ts';
import { matvec } from './matvec.ts';
import type { WeightMatrix } from './weight_matrix.ts';

/** Which slots of a row's choice one stack of experts answers. */
export interface ExpertSlots {
  /** u32 [rows, slots, 2]: expert id and its weight as the bits of an f32. */
  choice: GpuTensor;
  slots: number;
  slotStart: number;
  slotCount: number;
  /** Id of the stack's first expert. */
  firstExpert: number;
}

/**
 * hidden[t, s] = weight silu(gate n) (up n), n = norm(x[t]), for t < count and the slots given (docs/MODEL.md 7.2).
 * w: [experts, 2 width, K], gate rows before up rows, parts of whole experts; hidden f32 [count, slots, hiddenStride].
 */
export function expertGateUp(
  list: CommandList,
  { x, gain, w, hidden }: { x: RowView; gain: GpuTensor; w: WeightMatrix; hidden: GpuTensor },
  { choice, slots, slotStart, slotCount, firstExpert }: ExpertSlots,
  { count, width, hiddenStride, eps }: { count: number; width: number; hiddenStride: number; eps: number },
): void {
  for (const part of w.parts)
    matvec(list, {
      name: 'expert_gate_up',
      fusion,
      format: w.format,
      unitsPerRow: w.unitsPerRow,
      rows: 1,
      weightRows: 2 * width,
      batches: count * slotCount,
      tensors: [...part.planes, x.tensor, gain, choice, hidden],
      words: [
        width,
        w.unitsPerRow,
        x.stride / 4,
        slots,
        slotStart,
        slotCount,
        firstExpert + part.rowStart / (2 * width),
        part.rowCount / (2 * width),
        hiddenStride,
      ],
      floats: [eps],
    });
}
