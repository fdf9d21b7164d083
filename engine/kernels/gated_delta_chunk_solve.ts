// Kernel gated_delta_chunk_solve: forward substitution of each chunk's triangular system (docs/MODEL.md 6.5).
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { chunkRows } from './gated_delta_chunk_scores.ts';
import source from './gated_delta_chunk_solve.wgsl';
import { deltaRowWidth, type DeltaShape } from './gated_delta_step.ts';
import { groupCount, laneCount } from './launch.ts';
import { deltaWork } from './work.ts';

/** solved f32 [count, Hv, Dv + Dk] = (U, W). */
export function gatedDeltaChunkSolve(
  list: CommandList,
  { qkv, gates, scores, solved }: { qkv: GpuTensor; gates: GpuTensor; scores: GpuTensor; solved: GpuTensor },
  shape: DeltaShape,
): void {
  const wg = laneCount(list.gpu);
  list.dispatch({
    spec: {
      name: 'gated_delta_chunk_solve',
      source,
      preamble: `const CHUNK = ${chunkRows}u;\n`,
      constants: { wg },
    },
    tensors: [qkv, gates, scores, solved],
    words: [
      shape.count,
      shape.keyHeads,
      shape.valueHeads,
      shape.keyDim,
      shape.valueDim,
      deltaRowWidth(shape),
    ],
    groups: [
      groupCount(shape.valueDim + shape.keyDim, wg),
      shape.valueHeads,
      groupCount(shape.count, chunkRows),
    ],
    work: deltaWork(shape),
  });
}
