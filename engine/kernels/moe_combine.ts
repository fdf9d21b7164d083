// Kernel moe_combine: adds routed and shared expert outputs to the residual stream.
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { groupCount, laneCount, type RowView } from './launch.ts';
import source from './moe_combine.wgsl';

/** x[t] += sum_j weights[t, j] routed[t * chosen + j] + sigmoid(gate[t]) shared[t]. Widths are multiples of 4. */
export function moeCombine(
  list: CommandList,
  {
    routed,
    weights,
    shared,
    gate,
    x,
  }: { routed: GpuTensor; weights: GpuTensor; shared: GpuTensor; gate: RowView; x: GpuTensor },
  { count, width, chosen }: { count: number; width: number; chosen: number },
): void {
  const wg = laneCount(list.gpu);
  list.dispatch({
    spec: { name: 'moe_combine', source, constants: { wg } },
    tensors: [routed, weights, shared, gate.tensor, x],
    words: [width / 4, chosen, gate.offset, gate.stride],
    groups: [groupCount(width / 4, wg), count],
  });
}
