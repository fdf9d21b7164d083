// Kernel gated_delta_chunk_scores: decayed key-key and query-key products inside each chunk (docs/MODEL.md 6.5).
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import source from './gated_delta_chunk_scores.wgsl';
import { deltaRowWidth, type DeltaShape } from './gated_delta_step.ts';
import { groupCount, laneCount } from './launch.ts';
import { deltaWork } from './work.ts';

/** Rows of one chunk. */
export const chunkRows = 64;

/** scores f32 [ceil(count / chunkRows), Hv, chunkRows, chunkRows, 2]. */
export function gatedDeltaChunkScores(
  list: CommandList,
  { qkv, gates, scores }: { qkv: GpuTensor; gates: GpuTensor; scores: GpuTensor },
  shape: DeltaShape,
): void {
  const wg = laneCount(list.gpu);
  list.dispatch({
    spec: {
      name: 'gated_delta_chunk_scores',
      source,
      preamble: `const CHUNK = ${chunkRows}u;\n`,
      constants: { wg },
    },
    tensors: [qkv, gates, scores],
    words: [shape.count, shape.keyHeads, shape.valueHeads, shape.keyDim / 4, deltaRowWidth(shape) / 4],
    groups: [groupCount(chunkRows * chunkRows, wg), shape.valueHeads, groupCount(shape.count, chunkRows)],
    work: deltaWork(shape),
  });
}
