// Kernel l2_norm: unit length for the query and key heads of DeltaNet, queries scaled too (docs/MODEL.md 6.3).
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { groupCount, laneCount } from './launch.ts';
import source from './l2_norm.wgsl';
import { overValues } from './work.ts';

/** In place on x f32 [count, stride]: `keyHeads` query heads of keyDim, then as many key heads. keyDim and stride are multiples of 4. */
export function l2Norm(
  list: CommandList,
  x: GpuTensor,
  { count, keyHeads, keyDim, stride }: { count: number; keyHeads: number; keyDim: number; stride: number },
): void {
  const wg = laneCount(list.gpu);
  list.dispatch({
    spec: { name: 'l2_norm', source, constants: { wg } },
    tensors: [x],
    words: [count * 2 * keyHeads, 2 * keyHeads, keyHeads, keyDim / 4, stride / 4],
    floats: [keyDim ** -0.5],
    groups: [groupCount(count * 2 * keyHeads, wg)],
    work: overValues(4 * count * keyHeads * keyDim),
  });
}
