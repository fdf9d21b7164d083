// Kernel causal_conv1d: depthwise causal convolution over time with its state, then silu (qwen3-next 3.4 step 2).
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import source from './causal_conv1d.wgsl';
import { groupCount, laneCount, type RowView } from './launch.ts';

/** u rows of `channels`; weight f32 [channels, kernel]; state f32 [kernel - 1, channels] (oldest first, updated); y f32 [count, channels]. */
export function causalConv1d(
  list: CommandList,
  { u, weight, state, y }: { u: RowView; weight: GpuTensor; state: GpuTensor; y: GpuTensor },
  { count, channels, kernel }: { count: number; channels: number; kernel: number },
): void {
  const wg = laneCount(list.gpu);
  list.dispatch({
    spec: { name: 'causal_conv1d', source, preamble: `const KERNEL = ${kernel}u;\n`, constants: { wg } },
    tensors: [u.tensor, weight, state, y],
    words: [count, channels, u.offset, u.stride],
    groups: [groupCount(channels, wg)],
  });
}
