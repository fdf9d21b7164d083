// Kernel argmax_rows: the greedy choice of a token, on the device.
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { acceptedPreamble, acceptedTensors } from './accepted.ts';
import source from './argmax_rows.wgsl';
import { candidateLayout, sliceCount } from './candidates.ts';
import type { RingRows } from './matvec.ts';
import { rowPeaks } from './row_peaks.ts';
import ofPeaks from './variants/argmax_peaks.wgsl';
import { overValues } from './work.ts';

/** What is written for a row that holds NaN, infinity on top, or nothing finite. */
export const noPick = 0xffffffff;

const plainNames = 'fn named(index: u32) -> u32 {\n  return index;\n}\n';
const givenNames =
  '@group(0) @binding(7) var<storage, read> names: array<u32>;\nfn named(index: u32) -> u32 {\n  return names[index];\n}\n';

/**
 * ids[(row + t) & mask] = argmax of x[t], ties to the lower index, or noPick. x f32 [count, width]; names u32 [width], what stands for
 * the indices. On a GPU one workgroup would take long for a whole vocabulary, so row_peaks goes before and puts what it finds into found,
 * u32 [count, candidateWords].
 */
export function argmaxRows(
  list: CommandList,
  { x, found }: { x: GpuTensor; found: GpuTensor },
  ids: GpuTensor,
  {
    count,
    width,
    ring,
    names,
  }: { count: number; width: number; ring: RingRows; names?: GpuTensor | undefined },
): void {
  const words = [width, ring.row, ring.mask];
  const groups = [count] as const;
  const own = acceptedPreamble(ring.accepted) + (names ? givenNames : plainNames);
  const behind = [...(names ? [names] : []), ...acceptedTensors(ring.accepted)];
  if (list.gpu.software) {
    list.dispatch({
      spec: { name: 'argmax_rows', source, preamble: own, constants: { wg: 8 } },
      tensors: [x, ids, ...behind],
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
    spec: { name: 'argmax_rows', source: ofPeaks, preamble: preamble + own, constants: { wg } },
    tensors: [x, found, ids, ...behind],
    words,
    groups,
    work: overValues(count * sliceCount),
  });
}
