// Kernel moe_route: top-k experts of each row and their weights (qwen3-next 3.6).
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { laneCount, type RowView } from './launch.ts';
import source from './moe_route.wgsl';

/** logits f32 rows of `experts`; ids u32 [count, chosen]; weights f32 [count, chosen]. */
export function moeRoute(
  list: CommandList,
  logits: RowView,
  ids: GpuTensor,
  weights: GpuTensor,
  {
    count,
    experts,
    chosen,
    renormalise,
  }: { count: number; experts: number; chosen: number; renormalise: boolean },
): void {
  list.dispatch({
    spec: {
      name: 'moe_route',
      source,
      preamble: `const CHOSEN = ${chosen}u;\n`,
      constants: { wg: laneCount(list.gpu) },
    },
    tensors: [logits.tensor, ids, weights],
    words: [experts, chosen, renormalise ? 1 : 0, logits.offset, logits.stride],
    groups: [count],
  });
}
