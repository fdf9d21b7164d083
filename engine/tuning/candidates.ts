// Which variants of kernels a device may run, for each kind of work on its own.
import type { Gpu, TunedVariant } from '../gpu/device.ts';

/**
 * Kinds of work that are measured apart, one after the other: products of single tokens, with teams of several sizes and then, with the
 * best of them, in workgroups of several; the choice of experts; products of batches; attention of batches.
 */
export const tunedParts = ['decode', 'workgroups', 'route', 'matmul', 'attention'] as const;
export type TunedPart = (typeof tunedParts)[number];

/** The first candidate of a part is the plainest: all others have to compute what it computes. */
export type Candidates = Record<TunedPart, readonly Partial<TunedVariant>[]>;

/** Parts whose candidates go on from what was chosen for another. */
export const partsAfter: Partial<Record<TunedPart, TunedPart>> = { workgroups: 'decode' };

const teams = [1, 4, 8, 16, 32, 64];

/** What is worth trying on a device. Subgroup sums need subgroups that are never smaller than a team. */
export function candidatesFor(
  gpu: Pick<Gpu, 'facts' | 'hasF16' | 'hasSubgroups' | 'limits' | 'matrix'>,
): Candidates {
  const { subgroupMinSize = 0 } = gpu.facts.limits;
  const most = Math.min(64, gpu.limits.invocationsPerWorkgroupMax);
  const fitting = teams.filter(team => team <= most);
  const lanes = [64, 128, 256].filter(count => count <= gpu.limits.invocationsPerWorkgroupMax);
  return {
    decode: [
      ...fitting.map(teamLanes => ({ teamLanes, subgroupSums: false })),
      ...fitting
        .filter(team => team > 1 && team <= subgroupMinSize)
        .map(teamLanes => ({ teamLanes, subgroupSums: true })),
    ],
    workgroups: [
      { teamRows: 2, matvecLanes: lanes[0] ?? most, sharedRows: false },
      ...[true, false].flatMap(sharedRows =>
        lanes.flatMap(matvecLanes =>
          ([2, 4, 1] as const)
            // The plainest again.
            .filter(teamRows => sharedRows || teamRows !== 2 || matvecLanes !== lanes[0])
            .map(teamRows => ({ teamRows, matvecLanes, sharedRows })),
        ),
      ),
    ],
    route: [{ route: 'workgroup' }, ...(gpu.hasSubgroups ? [{ route: 'subgroup' } as const] : [])],
    matmul: [
      { matmul: 'tile', staged: 'f32' },
      { matmul: 'block', staged: 'f32' },
      ...(gpu.hasF16 ? [{ matmul: 'block', staged: 'f16' } as const] : []),
      { matmul: 'block', staged: 'i8' },
      ...(gpu.matrix ? [{ matmul: 'block', staged: 'matrix' } as const] : []),
    ],
    attention: [{ attention: 'prefill' }, { attention: 'flash' }],
  };
}
