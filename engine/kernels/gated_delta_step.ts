// Kernel gated_delta_step: the delta rule token by token (docs/MODEL.md 6.4). Also the oracle of the chunked form.
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import source from './gated_delta_step.wgsl';
import sweep from './variants/delta_sweep.wgsl';
import ready from './fusions/delta_ready.wgsl';
import { groupCount, hasShuffle, laneCount, unroll } from './launch.ts';
import { deltaWork } from './work.ts';

/** Sizes of one DeltaNet layer; valueHeads is a multiple of keyHeads, keyDim of 4. */
export interface DeltaShape {
  count: number;
  keyHeads: number;
  valueHeads: number;
  keyDim: number;
  valueDim: number;
}

/** Columns of a head that one workgroup of variants/delta_sweep owns. */
export const sweepColumns = 32;

/** In front of variants/delta_sweep where the state is changed where it is. */
export const sweptInPlace = 'fn stored(at: u32, _first: bool) -> vec4f {\n  return state[at];\n}\n';

/** Values of one row of qkv: queries, keys, values. */
export function deltaRowWidth({ keyHeads, keyDim, valueHeads, valueDim }: DeltaShape): number {
  return 2 * keyHeads * keyDim + valueHeads * valueDim;
}

/** qkv f32 [count, deltaRowWidth] (queries and keys normed); gates f32 [count, Hv, 2]; state f32 [Hv, Dk, Dv] (updated); o f32 [count, Hv, Dv]. */
export function gatedDeltaStep(
  list: CommandList,
  { qkv, gates, state, o }: { qkv: GpuTensor; gates: GpuTensor; state: GpuTensor; o: GpuTensor },
  shape: DeltaShape,
): void {
  if (hasShuffle(list.gpu) && shape.valueDim % 4 === 0) {
    list.dispatch({
      spec: {
        name: 'gated_delta_step_shuffle',
        source: sweep,
        preamble: `const DK4 = ${shape.keyDim / 4}u;\n${ready}${sweptInPlace}`,
        subgroups: true,
      },
      tensors: [state, qkv, gates, o],
      words: [
        shape.count,
        shape.keyHeads,
        shape.valueHeads,
        shape.valueDim / 4,
        deltaRowWidth(shape) / 4,
        shape.keyDim / 4,
      ],
      groups: [groupCount(shape.valueDim, sweepColumns), shape.valueHeads],
      work: deltaWork(shape),
    });
    return;
  }
  const wg = laneCount(list.gpu);
  list.dispatch({
    spec: {
      name: 'gated_delta_step',
      source,
      preamble: `const DK4 = ${shape.keyDim / 4}u;\n${unroll(list.gpu)}`,
      constants: { wg },
    },
    tensors: [qkv, gates, state, o],
    words: [
      shape.count,
      shape.keyHeads,
      shape.valueHeads,
      shape.valueDim,
      deltaRowWidth(shape) / 4,
      shape.keyDim / 4,
    ],
    groups: [groupCount(shape.valueDim, wg), shape.valueHeads],
    work: deltaWork(shape),
  });
}
