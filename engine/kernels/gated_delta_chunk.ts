// Kernel gated_delta_chunk: the walk over chunks (docs/MODEL.md 6.5).
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { chunkRows } from './gated_delta_chunk_scores.ts';
import source from './gated_delta_chunk.wgsl';
import { deltaRowWidth, type DeltaShape } from './gated_delta_step.ts';
import { groupCount, laneCount, unroll } from './launch.ts';
import { deltaWork } from './work.ts';

/** state f32 [Hv, Dk, Dv] (updated); o f32 [count, Hv, Dv]. scores and solved come from the two stages before. */
export function gatedDeltaChunk(
  list: CommandList,
  t: {
    qkv: GpuTensor;
    gates: GpuTensor;
    scores: GpuTensor;
    solved: GpuTensor;
    state: GpuTensor;
    o: GpuTensor;
  },
  shape: DeltaShape,
): void {
  const wg = laneCount(list.gpu);
  list.dispatch({
    spec: {
      name: 'gated_delta_chunk',
      source,
      preamble: `const CHUNK = ${chunkRows}u;\nconst DK4 = ${shape.keyDim / 4}u;\n${unroll(list.gpu)}`,
      constants: { wg },
    },
    tensors: [t.qkv, t.gates, t.scores, t.solved, t.state, t.o],
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
