// Kernel delta_gates: write strength and log decay of every value head (docs/MODEL.md 6.3).
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import source from './delta_gates.wgsl';
import { overValues } from './work.ts';
import { groupCount, laneCount, type RowView } from './launch.ts';

/** gates f32 [count, heads, 2] = (sigmoid(b), negA * softplus(a + dtBias)); gateWeights f32 [2, heads]: negA = -e^A_log, then dtBias. */
export function deltaGates(
  list: CommandList,
  { b, a, gateWeights, gates }: { b: RowView; a: RowView; gateWeights: GpuTensor; gates: GpuTensor },
  { count, heads }: { count: number; heads: number },
): void {
  const wg = laneCount(list.gpu);
  list.dispatch({
    spec: { name: 'delta_gates', source, constants: { wg } },
    tensors: [b.tensor, a.tensor, gateWeights, gates],
    words: [count * heads, heads, b.offset, b.stride, a.offset, a.stride],
    groups: [groupCount(count * heads, wg)],
    work: overValues(4 * count * heads),
  });
}
