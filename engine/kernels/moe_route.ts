// Kernel moe_route: top-k experts of each row and their weights (docs/MODEL.md 7.1).
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { laneCount, type RowView } from './launch.ts';
import source from './moe_route.wgsl';
import { overValues } from './work.ts';

/**
 * logits f32 rows of `experts`; shared: the shared expert's logit, one value a row. choice u32 [count, chosen + 1, 2]: id and weight
 * (as bits of an f32) of the chosen experts, the best first, then of the shared expert, whose id is `experts`.
 */
export function moeRoute(
  list: CommandList,
  { logits, shared, choice }: { logits: RowView; shared: RowView; choice: GpuTensor },
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
    tensors: [logits.tensor, shared.tensor, choice],
    words: [experts, chosen, renormalise ? 1 : 0, logits.offset, logits.stride, shared.offset, shared.stride],
    groups: [count],
    work: overValues(chosen * count * experts),
  });
}
