// Kernel expert_down: the down matrices of the chosen experts, summed over the slots and added to the residual stream.
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { areNeighbours, type Choice, type ExpertStack } from './expert_gate_up.ts';
import fusion from './fusions/expert_down.wgsl';
import type { RowView } from './launch.ts';
import { fitsLaunch, matvec, wholeWeights, type MatvecWeights } from './matvec.ts';
import type { WeightMatrix } from './weight_matrix.ts';
import { chosenWork, sumOfWork } from './work.ts';

/** Bindings beside the weights. */
const bindings = 3;

/**
 * y[t] += sum over the slots of the stacks of W[expert] hidden[t, s], for t < count (docs/MODEL.md 7.2).
 * w: [experts, outputs, width], parts of whole experts; hidden f32 [count, slots, hiddenStride] with the weights applied.
 * A second stack of one expert behind the others shares their launch if it can.
 */
export function expertDown(
  list: CommandList,
  {
    hidden,
    stacks,
    choice,
    y,
  }: { hidden: GpuTensor; stacks: readonly ExpertStack<WeightMatrix>[]; choice: Choice; y: RowView },
  { count, outputs, hiddenStride }: { count: number; outputs: number; hiddenStride: number },
): void {
  const launch = (
    weights: readonly MatvecWeights[],
    together: readonly ExpertStack<WeightMatrix>[],
    { firstExpert, expertCount, share = 1 }: { firstExpert: number; expertCount: number; share?: number },
  ): void =>
    matvec(list, {
      name: 'expert_down',
      fusion,
      weights,
      rows: 1,
      weightRows: [outputs],
      batches: count,
      tensors: [hidden, choice.tensor, y.tensor],
      words: [
        outputs,
        weights[0]?.columns ?? 0,
        weights[1]?.columns ?? 0,
        choice.slots,
        together[0]?.slotStart ?? 0,
        together.reduce((sum, { slotCount }) => sum + slotCount, 0),
        firstExpert,
        expertCount,
        hiddenStride / 4,
        y.stride,
      ],
      work: sumOfWork(
        'experts',
        together.map(stack => chosenWork([stack.w], { ...stack, count, outputs, share })),
      ),
    });
  const whole = stacks.map(({ w }) => wholeWeights(w)).filter(one => one !== undefined);
  const [first] = stacks;
  if (
    first &&
    areNeighbours(stacks) &&
    whole.length === stacks.length &&
    fitsLaunch(list.gpu, whole, bindings)
  ) {
    launch(whole, stacks, first);
    return;
  }
  for (const stack of stacks)
    for (const { planes, rowStart, rowCount } of stack.w.parts)
      launch([{ format: stack.w.format, columns: stack.w.columns, planes }], [stack], {
        firstExpert: stack.firstExpert + rowStart / outputs,
        expertCount: rowCount / outputs,
        share: rowCount / stack.w.rows,
      });
}
