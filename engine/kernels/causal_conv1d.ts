// Kernel causal_conv1d: depthwise causal convolution over time with its state, then silu (docs/MODEL.md 6.2).
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import source from './causal_conv1d.wgsl';
import { groupCount, laneCount, type RowView } from './launch.ts';
import { overValues } from './work.ts';

/**
 * u rows of `channels`, the first at text position `position`; weight f32 [kernel, channels]; ring: view of a ring of ringRows (a power
 * of two, at least kernel - 1) rows, position p in row p mod ringRows, updated with the last rows; y f32 [count, channels].
 */
export function causalConv1d(
  list: CommandList,
  { u, weight, ring, y }: { u: RowView; weight: GpuTensor; ring: RowView; y: GpuTensor },
  {
    count,
    channels,
    kernel,
    ringRows,
    position,
  }: { count: number; channels: number; kernel: number; ringRows: number; position: number },
): void {
  const wg = laneCount(list.gpu);
  list.dispatch({
    spec: { name: 'causal_conv1d', source, preamble: `const KERNEL = ${kernel}u;\n`, constants: { wg } },
    tensors: [u.tensor, weight, ring.tensor, y],
    words: [count, channels, u.offset, u.stride, ring.offset, ring.stride, ringRows - 1, position],
    groups: [groupCount(channels, wg)],
    work: overValues(2 * count * channels),
  });
}
