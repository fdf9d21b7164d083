// How variants/attention_team lays lanes over heads, lines and keys: sizes that fit registers and workgroup memory, and the text in front.
import type { Gpu } from '../gpu/device.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import type { DeviceFacts } from '../protocol/lifecycle.ts';
import emulatedExchange from './exchange/emulated.wgsl';
import subgroupExchange from './exchange/subgroup.wgsl';
import directFetch from './fetch/direct.wgsl';
import stagedFetch from './fetch/staged.wgsl';
import { acceptedPreamble } from './accepted.ts';
import { kvAccessor, kvPieceQuads, kvRowWords, type KvCache, type KvFormat } from './kv_cache.ts';
import { unroll } from './launch.ts';
import variant from './variants/attention_team.wgsl';

/** Most lanes of a team: a head of 256 values is one 16-byte load of halves a lane. */
const teamLanesMax = 32;
/** Lines of a team: more would hold more than 64 values of queries, and as many of sums, in a lane. */
const teamLinesMax = 8;
/** Keys of a round: their products wait in registers. */
const roundKeysMax = 8;
/** Of the 16 KiB that every device has, what stages keys or joins teams. */
const stagedBytesMax = 8192;
/** Loads that a lane has on their way while it works on the tile before. */
const loadsAheadMax = 4;
/** Lanes of a workgroup whose teams take keys in turns. */
const directLanesMax = 128;
const stagedLanesMax = 256;

/** The constants of variants/attention_team, named as there. */
export interface TeamPlan {
  team: number;
  /** Lines of a team: M. */
  lines: number;
  group: number;
  blocks: number;
  phases: number;
  tile: number;
  pieces: number;
  /** Lanes of a workgroup: WG. */
  lanes: number;
  staged: boolean;
}

/** Fewer lanes would have to hold more of a head than their registers take. */
export const attentionTeamLanesMin = 8;

/** Lanes that every subgroup of a device has at least, in the order of the local index; 0 where it has none or that is not known. */
export function sureSubgroupLanes({ limits, vendor }: Pick<DeviceFacts, 'limits' | 'vendor'>): number {
  const { subgroupMinSize = 0 } = limits;
  // Dawn does not know how wide Apple's are, and says that they may be narrower than the 32 that they all have.
  return subgroupMinSize > 0 && vendor === 'apple' ? 32 : subgroupMinSize;
}

/** Lanes that a team of attention has; 0 where there can be none. */
export function attentionTeamLanes(gpu: Gpu): number {
  if (gpu.emulateSubgroups) return teamLanesMax;
  const lanes = gpu.device.features.has('subgroups') ? sureSubgroupLanes(gpu.facts) : 0;
  return lanes < attentionTeamLanesMin ? 0 : Math.min(teamLanesMax, powerBelow(lanes));
}

/**
 * The plan for so many lines a key head, of which a workgroup takes at most linesMax. One block of lines: its teams take keys in turns,
 * straight from the cache. More: each team has a block, and all read keys that the workgroup has staged. `heldQuads`: quads of queries
 * that a lane holds, more only where the lines would not fit a workgroup.
 */
export function teamPlan(
  gpu: Gpu,
  { format, dim }: { format: KvFormat; dim: number },
  { lines: lineCount, linesMax, heldQuads }: { lines: number; linesMax: number; heldQuads: number },
): TeamPlan {
  const pieces = Math.ceil(dim / 4 / kvPieceQuads(format));
  const team = Math.min(attentionTeamLanes(gpu), powerAbove(pieces));
  const quads = Math.ceil(pieces / team) * kvPieceQuads(format);
  const linesMost = Math.min(teamLinesMax, team, powerAbove(lineCount));
  const lanesMax = Math.min(stagedLanesMax, gpu.limits.invocationsPerWorkgroupMax);
  const wanted = Math.min(lineCount, linesMax);
  let lines = Math.min(linesMost, powerBelow(Math.max(1, heldQuads / quads)));
  // Rather more values in a lane than keys read twice.
  while (lines < linesMost && Math.ceil(wanted / lines) * team > lanesMax) lines *= 2;
  const blocks = Math.max(1, Math.min(Math.ceil(wanted / lines), Math.floor(lanesMax / team)));
  const staged = blocks > 1;
  const keyBytes = 2 * 4 * kvRowWords(format, dim);
  const group = powerBelow(
    Math.max(1, Math.min(team / lines, roundKeysMax, staged ? stagedBytesMax / keyBytes : Infinity)),
  );
  if (!staged) {
    const lanes = Math.max(
      team,
      powerBelow(Math.min(directLanesMax, lanesMax, stagedBytesMax / (16 * quads))),
    );
    const phases = lanes / team;
    return { team, lines, group, blocks, phases, tile: group * phases, pieces, lanes, staged };
  }
  const lanes = blocks * team;
  const tileMost = Math.min(stagedBytesMax, 16 * loadsAheadMax * lanes) / keyBytes;
  const tile = group * Math.max(1, Math.floor(tileMost / group));
  return { team, lines, group, blocks, phases: 1, tile, pieces, lanes, staged };
}

/** What stands in front of a kernel of variants/attention_team. */
export function teamPreamble(
  gpu: Gpu,
  plan: TeamPlan,
  cache: Pick<KvCache, 'format' | 'page'>,
  { dim, accepted }: { dim: number; accepted?: GpuTensor | undefined },
): string {
  const sizes = Object.entries({
    M: plan.lines,
    TEAM: plan.team,
    WG: plan.lanes,
    BLOCKS: plan.blocks,
    PHASES: plan.phases,
    GROUP: plan.group,
    TILE: plan.tile,
    PIECES: plan.pieces,
  }).map(([name, value]) => `const ${name} = ${value}u;\n`);
  const exchange = gpu.emulateSubgroups ? emulatedExchange : subgroupExchange;
  return (
    sizes.join('') +
    unroll(gpu) +
    acceptedPreamble(accepted) +
    kvAccessor(cache, dim) +
    (plan.staged ? stagedFetch : directFetch) +
    variant +
    exchange
  );
}

/** The largest power of two that is not above `value`, which is at least 1; 0 for less. */
function powerBelow(value: number): number {
  return value < 1 ? 0 : 2 ** Math.floor(Math.log2(value));
}
function powerAbove(value: number): number {
  return 2 ** Math.ceil(Math.log2(value));
}
