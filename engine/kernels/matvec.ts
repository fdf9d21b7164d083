// Few rows of activations times stored weights, fused with the steps before and after: how a fusion becomes a dispatch.
// The variant is chosen by the device: variants/shuffle for 8-lane software devices, variants/team with a reduction for all others.
import type { CommandList, Word } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { shuffleLanes } from '../gpu/device.ts';
import { groupCount, hasShuffle, laneCount } from './launch.ts';
import shuffleVariant from './variants/shuffle.wgsl';
import teamVariant from './variants/team.wgsl';
import emulatedSum from './reductions/emulated.wgsl';
import subgroupSum from './reductions/subgroup.wgsl';
import workgroupSum from './reductions/workgroup.wgsl';
import { formatFacts, type WeightFormat } from './weight_matrix.ts';

/** Most rows of activations these kernels take; more rows are a batch, for matmul. */
export const matvecRowsMax = 8;

/** Rows in a ring buffer: row t is row (row + accepted() + t) & mask. */
export interface RingRows {
  row: Word;
  mask: number;
  /** What accepted() gives (see accepted.ts); nothing unless said. */
  accepted?: GpuTensor | undefined;
}

/** Not a ring: row t is row t. */
export const noRing: RingRows = { row: 0, mask: 0xffffffff };

export interface Matvec {
  name: string;
  /** WGSL of the fusion. */
  fusion: string;
  format: WeightFormat;
  unitsPerRow: number;
  /** Rows of activations that share the weights. */
  rows: number;
  /** Rows of weights one set of outputs takes, times sets. */
  weightRows: number;
  /** Workgroups in y beyond the rows: (row, expert) pairs. */
  batches?: number;
  /** Planes of the weights, then the fusion's bindings. */
  tensors: readonly GpuTensor[];
  words: readonly Word[];
  floats?: readonly number[];
}

/** Records one fused mat-vec. */
export function matvec(list: CommandList, m: Matvec): void {
  const accessor = formatFacts(m.format).accessor;
  // A pipeline for each of 1 … 4 rows, which decoding and drafts use most; 5 … 8 rows share one.
  const n = m.rows <= 5 ? m.rows : matvecRowsMax;
  const shared = { tensors: m.tensors, words: m.words, ...(m.floats ? { floats: m.floats } : {}) };
  const batches = m.batches ?? 1;
  if (hasShuffle(list.gpu)) {
    list.dispatch({
      spec: {
        name: m.name,
        source: shuffleVariant,
        preamble: `const N = ${n}u;\nconst OUT = 4u;\n${accessor}${m.fusion}`,
        subgroups: true,
      },
      ...shared,
      groups: [groupCount(m.weightRows, 4 * shuffleLanes), batches],
    });
    return;
  }
  const { team, subgroups, lanes } = teamPlan(list, m.unitsPerRow);
  const emulated = list.gpu.emulateSubgroups;
  list.dispatch({
    spec: {
      name: m.name,
      source: teamVariant,
      preamble:
        `const N = ${n}u;\nconst OUT = 2u;\nconst WG = ${lanes}u;\nconst TEAM = ${team}u;\n` +
        `${accessor}${m.fusion}${subgroups ? (emulated ? emulatedSum : subgroupSum) : workgroupSum}`,
      subgroups: subgroups && !emulated,
    },
    ...shared,
    groups: [groupCount(m.weightRows, (2 * lanes) / team), batches],
  });
}

/** Lanes of a team: no more than there are units in a row, nor than the device's variant says. */
function teamPlan(
  { gpu }: CommandList,
  unitsPerRow: number,
): { team: number; subgroups: boolean; lanes: number } {
  const lanes = laneCount(gpu);
  const { teamLanes, subgroupSums } = gpu.variant;
  let team = 1;
  while (team * 2 <= Math.min(teamLanes, unitsPerRow, lanes)) team *= 2;
  return { team, subgroups: subgroupSums && team > 1, lanes };
}
