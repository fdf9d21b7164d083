// Kernel rms_norm_gated: per-head norm of DeltaNet's output, then the silu(z) gate (docs/MODEL.md 6.6).
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { groupCount, laneCount, type RowView } from './launch.ts';
import source from './rms_norm_gated.wgsl';
import { overValues } from './work.ts';

/** o, y f32 [count, heads, dim]; z rows of heads * dim; weight f32 [dim], used as it is. dim and z's offset and stride are multiples of 4. tileHeads: key heads, when y's heads are wanted in tiled order. */
export function rmsNormGated(
  list: CommandList,
  { o, z, weight, y }: { o: GpuTensor; z: RowView; weight: GpuTensor; y: GpuTensor },
  {
    count,
    heads,
    dim,
    eps,
    tileHeads = 0,
  }: { count: number; heads: number; dim: number; eps: number; tileHeads?: number },
): void {
  const wg = laneCount(list.gpu);
  list.dispatch({
    spec: { name: 'rms_norm_gated', source, constants: { wg } },
    tensors: [o, z.tensor, weight, y],
    words: [count * heads, heads, dim / 4, z.offset / 4, z.stride / 4, tileHeads],
    floats: [eps],
    groups: [groupCount(count * heads, wg)],
    work: overValues(3 * count * heads * dim),
  });
}
