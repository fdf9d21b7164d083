// Kernel attention_decode_team: attention_decode for GPUs with subgroups, which reads each key once for all rows of a step.
import type { Gpu } from '../gpu/device.ts';
import type { CommandList } from '../gpu/dispatch.ts';
import { acceptedTensors } from './accepted.ts';
import source from './attention_decode_team.wgsl';
import { teamPlan, teamPreamble, type TeamPlan } from './attention_team_plan.ts';
import {
  splitLaunch,
  splitRule,
  type DecodeShape,
  type DecodeTensors,
  type SplitPart,
  type SplitRule,
} from './decode_plan.ts';
import type { KvFormat } from './kv_cache.ts';
import { groupCount } from './launch.ts';

/** Fewest keys of a split: with less, joining them costs more than is gained. */
const splitKeysMin = 32;

/** Sizes that a plan depends on. */
type PlanShape = Pick<DecodeShape, 'count' | 'heads' | 'kvHeads' | 'dim'>;

/** What a launch for such a step looks like. */
export function decodeTeamPlan(
  gpu: Gpu,
  format: KvFormat,
  { count, heads, kvHeads, dim }: PlanShape,
): TeamPlan {
  const lines = (count * heads) / kvHeads;
  return teamPlan(gpu, { format, dim }, { lines, linesMax: lines, heldQuads: gpu.variant.fewHeldQuads });
}

/** Workgroups that read the same keys: one, unless a step has more lines than one holds. */
export function decodeTeamBlocks(gpu: Gpu, format: KvFormat, shape: PlanShape): number {
  const { lines, blocks } = decodeTeamPlan(gpu, format, shape);
  return groupCount((shape.count * shape.heads) / shape.kvHeads, lines * blocks);
}

/** The splits of attention_decode_team. */
export function decodeTeamRule(gpu: Gpu, format: KvFormat, shape: PlanShape): SplitRule {
  const { tile } = decodeTeamPlan(gpu, format, shape);
  const groups = shape.kvHeads * decodeTeamBlocks(gpu, format, shape);
  return splitRule(gpu, { rows: shape.count, groups, unit: tile, least: splitKeysMin });
}

/** See attentionDecode. The device has subgroups of known size. `plan`: for a step of few rows unless said. */
export function attentionDecodeTeam(
  list: CommandList,
  t: DecodeTensors,
  shape: DecodeShape,
  part: SplitPart,
  plan = decodeTeamPlan(list.gpu, t.cache.format, shape),
): void {
  const { keys, values, table } = t.cache;
  const blocks = groupCount((shape.count * shape.heads) / shape.kvHeads, plan.lines * plan.blocks);
  list.dispatch({
    spec: {
      name: 'attention_decode_team',
      source,
      preamble: teamPreamble(list.gpu, plan, t.cache, { dim: shape.dim, accepted: shape.accepted?.rows }),
      subgroups: !list.gpu.emulateSubgroups,
    },
    tensors: [t.q, keys, values, t.partial, t.stats, table, ...acceptedTensors(shape.accepted?.rows)],
    ...splitLaunch(t.cache.format, shape, part, blocks),
  });
}
