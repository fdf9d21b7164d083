// Kernel row_candidates: counts, weighs and lists what can be drawn of a row, between row_peaks and sample_rows.
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { candidateLayout, type DrawWords } from './candidates.ts';
import { laneCount } from './launch.ts';
import source from './row_candidates.wgsl';
import { overValues } from './work.ts';

/** found[t], with the peaks of x[t], gets counts, weights and ids. x f32 [count, width], found u32 [count, candidateWords]. */
export function rowCandidates(
  list: CommandList,
  x: GpuTensor,
  found: GpuTensor,
  { count, width, rule }: { count: number; width: number; rule: DrawWords },
): void {
  const { preamble, groups } = candidateLayout(list.gpu);
  list.dispatch({
    spec: { name: 'row_candidates', source, preamble, constants: { wg: laneCount(list.gpu) } },
    tensors: [x, found],
    words: [width, rule.topK, rule.least],
    floats: [rule.inverse, rule.reach],
    groups: [groups, count],
    work: overValues(count * width),
  });
}
