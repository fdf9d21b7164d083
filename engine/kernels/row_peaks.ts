// Kernel row_peaks: the largest value of each slice of a row, from which row_candidates knows what is worth listing.
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { candidateLayout } from './candidates.ts';
import { laneCount } from './launch.ts';
import source from './row_peaks.wgsl';
import { overValues } from './work.ts';

/** found[t] = the peaks of x[t], its counters 0. x f32 [count, width], found u32 [count, candidateWords]. */
export function rowPeaks(
  list: CommandList,
  x: GpuTensor,
  found: GpuTensor,
  { count, width }: { count: number; width: number },
): void {
  const { preamble, groups } = candidateLayout(list.gpu);
  list.dispatch({
    spec: { name: 'row_peaks', source, preamble, constants: { wg: laneCount(list.gpu) } },
    tensors: [x, found],
    words: [width],
    groups: [groups, count],
    work: overValues(count * width),
  });
}
