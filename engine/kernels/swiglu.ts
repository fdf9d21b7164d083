// Kernel swiglu: silu(gate) * up, element by element.
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { groupCount, laneCount, type RowView } from './launch.ts';
import source from './swiglu.wgsl';
import { overValues } from './work.ts';

/** y f32 [count, width] packed. */
export function swiglu(
  list: CommandList,
  gate: RowView,
  up: RowView,
  y: GpuTensor,
  { count, width }: { count: number; width: number },
): void {
  const wg = laneCount(list.gpu);
  list.dispatch({
    spec: { name: 'swiglu', source, constants: { wg } },
    tensors: [gate.tensor, up.tensor, y],
    words: [width, gate.offset, gate.stride, up.offset, up.stride],
    groups: [groupCount(width, wg), count],
    work: overValues(3 * count * width),
  });
}
