// Kernel argmax_rows: the greedy choice of a token, on the device.
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { acceptedPreamble, acceptedTensors } from './accepted.ts';
import source from './argmax_rows.wgsl';
import type { RingRows } from './matvec.ts';

/** What is written for a row that holds NaN, infinity on top, or nothing finite. */
export const noPick = 0xffffffff;

const plainNames = 'fn named(index: u32) -> u32 {\n  return index;\n}\n';
const givenNames =
  '@group(0) @binding(7) var<storage, read> names: array<u32>;\nfn named(index: u32) -> u32 {\n  return names[index];\n}\n';

/**
 * ids[(row + t) & mask] = argmax of x[t], ties to the lower index, or noPick. x f32 [count, width]; names u32 [width], what stands for
 * the indices.
 */
export function argmaxRows(
  list: CommandList,
  x: GpuTensor,
  ids: GpuTensor,
  {
    count,
    width,
    ring,
    names,
  }: { count: number; width: number; ring: RingRows; names?: GpuTensor | undefined },
): void {
  const lanes = list.gpu.software ? 8 : Math.min(256, list.gpu.limits.invocationsPerWorkgroupMax);
  list.dispatch({
    spec: {
      name: 'argmax_rows',
      source,
      preamble: acceptedPreamble(ring.accepted) + (names ? givenNames : plainNames),
      constants: { wg: lanes },
    },
    tensors: [x, ids, ...(names ? [names] : []), ...acceptedTensors(ring.accepted)],
    words: [width, ring.row, ring.mask],
    groups: [count],
  });
}
