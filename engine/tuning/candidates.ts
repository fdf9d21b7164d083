// Which variants of kernels a device may run, for each kind of work on its own.
import type { Gpu, TunedVariant } from '../gpu/device.ts';
import { attentionTeamLanesMin, sureSubgroupLanes } from '../kernels/attention_team_plan.ts';

/**
 * Kinds of work that are measured apart, one after the other: products of single tokens, with teams of several sizes and then, with the
 * best of them, in workgroups of several; the choice of experts; products of batches; attention of batches and of single tokens.
 */
export const tunedParts = ['decode', 'workgroups', 'route', 'matmul', 'attention', 'fewAttention'] as const;
export type TunedPart = (typeof tunedParts)[number];

/** The first candidate of a part is the plainest: all others have to compute what it computes. */
export type Candidates = Record<TunedPart, readonly Partial<TunedVariant>[]>;

/** Parts whose candidates go on from what was chosen for another. */
export const partsAfter: Partial<Record<TunedPart, TunedPart>> = { workgroups: 'decode' };

const teams = [1, 4, 8, 16, 32, 64];
/** From the compute units of a small chip to those of the largest, with four workgroups each. */
const groupsInFlight = [128, 256, 512, 1024];
/** Values of queries in the registers of a lane: 64, or fewer where a compiler has not so many. */
const heldQuads = [16, 8, 4];

/** What is worth trying on a device. Subgroup sums need subgroups that are never smaller than a team. */
export function candidatesFor(gpu: Pick<Gpu, 'facts' | 'hasF16' | 'limits' | 'matrix'>): Candidates {
  const subgroupLanes = sureSubgroupLanes(gpu.facts);
  const most = Math.min(64, gpu.limits.invocationsPerWorkgroupMax);
  const fitting = teams.filter(team => team <= most);
  const lanes = [64, 128, 256].filter(count => count <= gpu.limits.invocationsPerWorkgroupMax);
  const heldQuadsHere = subgroupLanes >= attentionTeamLanesMin ? heldQuads : [];
  return {
    decode: [
      ...fitting.map(teamLanes => ({ teamLanes, subgroupSums: false })),
      ...fitting
        .filter(team => team > 1 && team <= subgroupLanes)
        .map(teamLanes => ({ teamLanes, subgroupSums: true })),
    ],
    workgroups: [
      { teamRows: 2, matvecLanes: lanes[0] ?? most, sharedRows: false },
      ...lanes.flatMap(matvecLanes => [
        { teamRows: 2, matvecLanes, sharedRows: true } as const,
        { teamRows: 4, matvecLanes, sharedRows: true } as const,
      ]),
      ...lanes
        .slice(0, 2)
        .flatMap(matvecLanes => [
          ...(matvecLanes === lanes[0] ? [] : [{ teamRows: 2, matvecLanes, sharedRows: false } as const]),
          { teamRows: 4, matvecLanes, sharedRows: false } as const,
          { teamRows: 1, matvecLanes, sharedRows: false } as const,
        ]),
    ],
    route: [{ route: 'workgroup' }, ...(subgroupLanes > 0 ? [{ route: 'subgroup' } as const] : [])],
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
