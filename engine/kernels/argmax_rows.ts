// Kernel argmax_rows: the greedy choice of a token, on the device.
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import source from './argmax_rows.wgsl';
import { candidateLayout, sliceCount } from './candidates.ts';
import type { RingRows } from './matvec.ts';
import { rowPeaks } from './row_peaks.ts';
import ofPeaks from './variants/argmax_peaks.wgsl';
import { overValues } from './work.ts';

/** What is written for a row that holds NaN, infinity on top, or nothing finite. */
export const noPick = 0xffffffff;

/**
 * ids[(row + t) & mask] = argmax of x[t], ties to the lower index, or noPick. x f32 [count, width]. On a GPU one workgroup would take long
 * for a whole vocabulary, so row_peaks goes before and puts what it finds into found, u32 [count, candidateWords].
 */
export function argmaxRows(
  list: CommandList,
  { x, found }: { x: GpuTensor; found: GpuTensor },
  ids: GpuTensor,
  { count, width, ring }: { count: number; width: number; ring: RingRows },
): void {
  const words = [width, ring.row, ring.mask];
  const groups = [count] as const;
  if (list.gpu.software) {
    list.dispatch({
      spec: { name: 'argmax_rows', source, constants: { wg: 8 } },
      tensors: [x, ids],
      words,
      groups,
      work: overValues(count * width),
    });
    return;
  }
  rowPeaks(list, x, found, { count, width });
  const { preamble } = candidateLayout(list.gpu);
  const wg = Math.min(256, list.gpu.limits.invocationsPerWorkgroupMax);
  list.dispatch({
    spec: { name: 'argmax_rows', source: ofPeaks, preamble, constants: { wg } },
    tensors: [x, found, ids],
    words,
    groups,
    work: overValues(count * sliceCount),
  });
}
