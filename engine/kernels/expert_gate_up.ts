// Kernel expert_gate_up: RMSNorm, the gate and up matrices of the chosen experts and SwiGLU, for few rows.
import type { Gpu } from '../gpu/device.ts';
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { errors } from '../protocol/errors.ts';
import fusion from './fusions/expert_gate_up.wgsl';
import type { RowView } from './launch.ts';
import { fitsLaunch, matvec, wholeWeights, type MatvecWeights } from './matvec.ts';
import type { WeightMatrix } from './weight_matrix.ts';
import { chosenWork, sumOfWork } from './work.ts';

/** u32 [rows, slots, 2]: expert id and its weight as the bits of an f32. */
export interface Choice {
  tensor: GpuTensor;
  slots: number;
}

/** Experts that are stored alike, and which slots of a row's choice they answer. */
export interface ExpertStack<Matrices> {
  w: Matrices;
  /** Width of an expert. */
  width: number;
  slotStart: number;
  slotCount: number;
  /** Id of the stack's first expert, and how many there are. */
  firstExpert: number;
  expertCount: number;
}

/** [experts, 2 width, K], gate rows before up rows, in parts of whole experts; or gate and up, [experts, width, K] each. */
export type GateUp = readonly [WeightMatrix] | readonly [WeightMatrix, WeightMatrix];

/** True when these kernels can multiply by them: gate and up in two matrices have to fit one launch. */
export function takesGateUp(gpu: Gpu, gateUp: GateUp): boolean {
  return gateUp.length === 1 || wholeGateUp(gpu, [gateUp]) !== undefined;
}

/**
 * hidden[t, s] = weight silu(gate n) (up n), n = norm(x[t]), for t < count and the slots of the stacks (docs/MODEL.md 7.2).
 * hidden f32 [count, slots, hiddenStride]. A second stack of one expert behind the others shares their launch if it can.
 * What takesGateUp() refuses is an internal error.
 */
export function expertGateUp(
  list: CommandList,
  {
    x,
    gain,
    stacks,
    choice,
    hidden,
  }: {
    x: RowView;
    gain: GpuTensor;
    stacks: readonly ExpertStack<GateUp>[];
    choice: Choice;
    hidden: GpuTensor;
  },
  { count, hiddenStride, eps }: { count: number; hiddenStride: number; eps: number },
): void {
  const launch = (
    weights: readonly MatvecWeights[],
    together: readonly ExpertStack<GateUp>[],
    {
      firstExpert,
      expertCount,
      apart,
      share = 1,
    }: { firstExpert: number; expertCount: number; apart: readonly boolean[]; share?: number },
  ): void => {
    const widths = together.map(({ width }) => width);
    const slotStart = Math.min(...together.map(({ slotStart }) => slotStart));
    const slotCount = together.reduce((sum, stack) => sum + stack.slotCount, 0);
    const constants = { STACKS: together.length, APART_0: apart[0] ? 1 : 0, APART_1: apart[1] ? 1 : 0 };
    matvec(list, {
      name: 'expert_gate_up',
      fusion,
      constants,
      weights,
      rows: 1,
      weightRows: [2 * Math.max(...widths)],
      pairs: true,
      batches: count * slotCount,
      tensors: [x.tensor, gain, choice.tensor, hidden],
      words: [
        weights[0]?.columns ?? 0,
        widths[0] ?? 0,
        widths[1] ?? 0,
        x.stride / 4,
        choice.slots,
        slotStart,
        slotCount,
        firstExpert,
        expertCount,
        hiddenStride,
      ],
      floats: [eps],
      work: sumOfWork(
        'experts',
        together.map(stack =>
          chosenWork(stack.w, {
            ...stack,
            count,
            outputs: (2 * stack.width) / stack.w.length,
            share,
          }),
        ),
      ),
    });
  };
  for (const together of sharedLaunches(list.gpu, stacks)) {
    const [first] = together;
    if (!first) continue;
    const whole = wholeGateUp(
      list.gpu,
      together.map(({ w }) => w),
    );
    if (whole) launch(whole, together, { ...first, apart: together.map(({ w }) => w.length === 2) });
    else {
      const [w, up] = first.w;
      if (up) throw errors.internal('gate and up of experts do not fit one launch');
      for (const { planes, rowStart, rowCount } of w.parts)
        launch([{ format: w.format, columns: w.columns, planes }], together, {
          firstExpert: first.firstExpert + rowStart / (2 * first.width),
          expertCount: rowCount / (2 * first.width),
          apart: [false],
          share: rowCount / w.rows,
        });
    }
  }
}

/** Bindings beside the weights. */
const bindings = 4;

/** The stacks that one launch takes: the last one may join the one before, whose expert behind the others it is. */
function sharedLaunches(
  gpu: Gpu,
  stacks: readonly ExpertStack<GateUp>[],
): (readonly ExpertStack<GateUp>[])[] {
  return areNeighbours(stacks) &&
    wholeGateUp(
      gpu,
      stacks.map(({ w }) => w),
    )
    ? [stacks]
    : stacks.map(stack => [stack]);
}

/** True for two stacks, the second with one expert, which comes behind those of the first, and with the slot behind theirs. */
export function areNeighbours(stacks: readonly ExpertStack<unknown>[]): boolean {
  const [first, second, another] = stacks;
  return (
    first !== undefined &&
    second?.expertCount === 1 &&
    another === undefined &&
    second.firstExpert === first.firstExpert + first.expertCount &&
    second.slotStart === first.slotStart + first.slotCount
  );
}

/** All of their matrices as one launch takes them; undefined when one is in parts, or they are too many. */
function wholeGateUp(gpu: Gpu, all: readonly GateUp[]): MatvecWeights[] | undefined {
  const weights: MatvecWeights[] = [];
  for (const gateUp of all)
    for (const [i, matrix] of gateUp.entries()) {
      const whole = wholeWeights(matrix);
      if (!whole) return undefined;
      weights.push(gateUp.length === 1 ? whole : { ...whole, half: i === 0 ? 'first' : 'second' });
    }
  return fitsLaunch(gpu, weights, bindings) ? weights : undefined;
}
