// Kernel rms_norm: root-mean-square norm of rows (qwen3-next 3.1).
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { laneCount } from './launch.ts';
import source from './rms_norm.wgsl';

/** y[t] = norm(x[firstRow + t]) * weight for `count` rows. x, y f32 [*, n]; weight f32 [n] with the +1 already in it; n a multiple of 4. */
export function rmsNorm(
  list: CommandList,
  x: GpuTensor,
  weight: GpuTensor,
  y: GpuTensor,
  { count, firstRow = 0, eps }: { count: number; firstRow?: number; eps: number },
): void {
  list.dispatch({
    spec: { name: 'rms_norm', source, constants: { wg: laneCount(list.gpu) } },
    tensors: [x, weight, y],
    words: [weight.length / 4, firstRow],
    floats: [eps],
    groups: [count],
  });
}
