// Kernel attention_team: attention_prefill for GPUs with subgroups, a workgroup for 64 lines that share a key head.
import type { Gpu } from '../gpu/device.ts';
import type { CommandList } from '../gpu/dispatch.ts';
import type { AttentionShape, AttentionTensors } from './attention_prefill.ts';
import source from './attention_team.wgsl';
import { teamPlan, teamPreamble, type TeamPlan } from './attention_team_plan.ts';
import type { KvFormat } from './kv_cache.ts';
import { groupCount } from './launch.ts';
import { attentionWork } from './work.ts';

/** Most (row, head) pairs of a workgroup. */
const groupLinesMax = 64;

/** What a launch for a batch looks like, whatever its rows, so that there is one pipeline. */
export function batchTeamPlan(gpu: Gpu, format: KvFormat, dim: number): TeamPlan {
  const heldQuads = gpu.variant.batchHeldQuads;
  return teamPlan(gpu, { format, dim }, { lines: groupLinesMax, linesMax: groupLinesMax, heldQuads });
}

/** See attentionPrefill. The device has subgroups of known size. */
export function attentionTeam(list: CommandList, t: AttentionTensors, shape: AttentionShape): void {
  const { count, firstRow = 0, start, heads, kvHeads, dim } = shape;
  const { format, keys, values, table } = t.cache;
  const plan = batchTeamPlan(list.gpu, format, dim);
  list.dispatch({
    spec: {
      name: 'attention_team',
      source,
      preamble: teamPreamble(list.gpu, plan, t.cache, { dim }),
      subgroups: !list.gpu.emulateSubgroups,
    },
    tensors: [t.q, keys, values, t.gate.tensor, t.o, table],
    words: [
      firstRow + count,
      heads,
      kvHeads,
      start,
      t.gate.offset / 4,
      t.gate.stride / 4,
      t.gateHeadStride / 4,
      (firstRow * heads) / kvHeads,
    ],
    floats: [dim ** -0.5],
    groups: [groupCount((count * heads) / kvHeads, plan.blocks * plan.lines), kvHeads],
    work: attentionWork({ ...shape, format }),
  });
}
