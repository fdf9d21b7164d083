// Kernel moe_combine: adds routed and shared expert outputs to the residual stream.
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { groupCount, laneCount } from './launch.ts';
import source from './moe_combine.wgsl';
import { overValues } from './work.ts';

/**
 * x[t] += sum of weight * routed over the first `used` slots, plus weight * shared of the slot after them when there is one.
 * choice u32 [count, slots, 2] of moe_route; routed f32 [count * used, width]; shared, x f32 [count, width]. Widths are multiples of 4.
 */
export function moeCombine(
  list: CommandList,
  { routed, choice, shared, x }: { routed: GpuTensor; choice: GpuTensor; shared: GpuTensor; x: GpuTensor },
  { count, width, used, slots }: { count: number; width: number; used: number; slots: number },
): void {
  const wg = laneCount(list.gpu);
  list.dispatch({
    spec: { name: 'moe_combine', source, constants: { wg } },
    tensors: [routed, choice, shared, x],
    words: [width / 4, used, slots],
    groups: [groupCount(width / 4, wg), count],
    work: overValues((used + 3) * count * width),
  });
}
