// Which variants of kernels a device may run, for each kind of work on its own.
import type { Gpu, TunedVariant } from '../gpu/device.ts';
import { attentionTeamLanesMin, sureSubgroupLanes } from '../kernels/attention_team_plan.ts';

/** Kinds of work that are measured apart: products of single tokens, products of batches, attention of batches and of single tokens. */
export const tunedParts = ['decode', 'matmul', 'attention', 'fewAttention'] as const;
export type TunedPart = (typeof tunedParts)[number];

/** The first candidate of a part is the plainest: all others have to compute what it computes. */
export type Candidates = Record<TunedPart, readonly Partial<TunedVariant>[]>;

const teams = [1, 4, 8, 16, 32, 64];
/** From the compute units of a small chip to those of the largest, with four workgroups each. */
const groupsInFlight = [128, 256, 512, 1024];
/** Values of queries in the registers of a lane: 64, or fewer where a compiler has not so many. */
const heldQuads = [16, 8, 4];

/** What is worth trying on a device. Subgroup sums need subgroups that are never smaller than a team. */
export function candidatesFor(
  gpu: Pick<Gpu, 'facts' | 'hasF16' | 'subgroupLanes' | 'limits' | 'matrix'>,
): Candidates {
  const { subgroupMinSize = 0 } = gpu.facts.limits;
  const most = Math.min(64, gpu.limits.invocationsPerWorkgroupMax);
  const fitting = teams.filter(team => team <= most);
  const heldQuadsHere = sureSubgroupLanes(gpu.facts) >= attentionTeamLanesMin ? heldQuads : [];
  return {
    decode: [
      ...fitting.map(teamLanes => ({ teamLanes, subgroupSums: false })),
      ...fitting
        .filter(team => team > 1 && team <= subgroupMinSize)
        .map(teamLanes => ({ teamLanes, subgroupSums: true })),
    ],
    matmul: [
      { matmul: 'tile', staged: 'f32' },
      { matmul: 'block', staged: 'f32' },
      ...(gpu.hasF16 ? [{ matmul: 'block', staged: 'f16' } as const] : []),
      { matmul: 'block', staged: 'i8' },
      ...(gpu.matrix ? [{ matmul: 'block', staged: 'matrix' } as const] : []),
    ],
    attention: [
      { attention: 'prefill' },
      { attention: 'flash' },
      ...heldQuadsHere.map(batchHeldQuads => ({ attention: 'team', batchHeldQuads }) as const),
    ],
    fewAttention: [
      ...groupsInFlight.map(groups => ({ fewAttention: 'split', groupsInFlight: groups }) as const),
      ...heldQuadsHere.flatMap(fewHeldQuads =>
        groupsInFlight.map(
          groups => ({ fewAttention: 'team', fewHeldQuads, groupsInFlight: groups }) as const,
        ),
      ),
    ],
  };
}
