// Kernel moe_route: top-k experts of each row and their weights (docs/MODEL.md 7.1).
import type { Gpu } from '../gpu/device.ts';
import type { CommandList } from '../gpu/dispatch.ts';
import type { PipelineSpec } from '../gpu/pipeline.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { sureSubgroupLanes } from './attention_team_plan.ts';
import { groupCount, laneCount, type RowView } from './launch.ts';
import source from './moe_route.wgsl';
import emulatedLanes from './reductions/best_emulated.wgsl';
import subgroupLanes from './reductions/best_subgroup.wgsl';
import routeLanes from './variants/route_lanes.wgsl';
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
    spec: routeSpec(list.gpu, { experts, chosen }),
    tensors: [logits.tensor, shared.tensor, choice],
    words: [experts, chosen, renormalise ? 1 : 0, logits.offset, logits.stride, shared.offset, shared.stride],
    groups: [count],
    work: overValues(chosen * count * experts),
  });
}

/** Lanes of a workgroup that chooses by subgroup operations, and most logits that one of them keeps. */
const routeLaneCount = 32;
const ownLogitsMax = 32;

function routeSpec(gpu: Gpu, { experts, chosen }: { experts: number; chosen: number }): PipelineSpec {
  const name = 'moe_route';
  const own = groupCount(experts, routeLaneCount);
  const lanes = sureSubgroupLanes(gpu.facts);
  const bySubgroups = gpu.variant.route === 'subgroup' && lanes > 0;
  if (!bySubgroups || chosen > routeLaneCount || own > ownLogitsMax)
    return {
      name,
      source,
      preamble: `const CHOSEN = ${chosen}u;\n`,
      constants: { wg: laneCount(gpu) },
    };
  const sizes = {
    LANES: routeLaneCount,
    OWN: own,
    CHOSEN: chosen,
    SUBGROUP_MIN: lanes,
  };
  const preamble = Object.entries(sizes)
    .map(([constant, value]) => `const ${constant} = ${value}u;\n`)
    .join('');
  return {
    name,
    source: routeLanes,
    preamble: preamble + (gpu.emulateSubgroups ? emulatedLanes : subgroupLanes),
    subgroups: !gpu.emulateSubgroups,
  };
}
