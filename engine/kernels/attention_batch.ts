// Attention of a batch of rows: picks the kernel by the variant that the device runs. It is recorded in pieces, by rows and by keys, none
// of more work than a submission may hold; where rows alone would not keep a GPU busy, keys are split for that.
import type { AttentionVariant, Gpu } from '../gpu/device.ts';
import type { CommandList } from '../gpu/dispatch.ts';
import { attentionDecode } from './attention_decode.ts';
import { attentionDecodeShuffle } from './attention_decode_shuffle.ts';
import { attentionDecodeTeam } from './attention_decode_team.ts';
import { mergeOf, type SplitAttentionTensors } from './attention_few.ts';
import { attentionFlash, flashDimMax, flashLines } from './attention_flash.ts';
import { attentionPrefill, type AttentionShape } from './attention_prefill.ts';
import { attentionShuffle, shuffleQueries } from './attention_shuffle.ts';
import { attentionTeam, batchTeamPlan } from './attention_team.ts';
import { attentionTeamLanes } from './attention_team_plan.ts';
import { splitPlan, splitRowsMax, tileKeys, type SplitRule } from './decode_plan.ts';
import type { KvFormat } from './kv_cache.ts';
import { groupCount, laneCount } from './launch.ts';
import { attentionWork, rowPieces, type RowPiece } from './work.ts';

/** Pieces of a batch begin at multiples of it: with the heads of released models, where workgroups begin. */
const pieceRows = 8;

/** A part of a batch's attention. */
export interface AttentionPiece {
  /** Rows from firstRow on. */
  firstRow: number;
  rows: number;
  /**
   * Of the keys that these rows see, cut into `splits` parts, those from `first` on: all in one unless said. The parts of the same
   * rows are asked for in order, nothing else between them that uses `partial` and `stats`; the last one completes o. Rows times
   * splits are at most splitRowsMax.
   */
  keys?: { splits: number; first: number; count: number };
}

/** Fewest keys of a split that nobody asked for: joining it has to pay. */
const splitKeysMin = 256;

const whole: Record<AttentionVariant, typeof attentionPrefill> = {
  prefill: attentionPrefill,
  shuffle: attentionShuffle,
  flash: attentionFlash,
  team: attentionTeam,
};
/** The kernel of the same variant for a part of the keys. */
const parts: Record<AttentionVariant, typeof attentionDecode> = {
  prefill: attentionDecode,
  shuffle: attentionDecodeShuffle,
  flash: attentionDecode,
  team: (list, t, shape, part) =>
    attentionDecodeTeam(list, t, shape, part, batchTeamPlan(list.gpu, t.cache.format, shape.dim)),
};

function variantOf(gpu: Gpu, dim: number): AttentionVariant {
  // A variant that was kept for this device cannot be run where its subgroups are not used.
  const unable = gpu.variant.attention === 'team' && attentionTeamLanes(gpu) === 0;
  const attention = unable ? 'flash' : gpu.variant.attention;
  return attention === 'flash' && dim > flashDimMax ? 'prefill' : attention;
}

/** Keys that a part is a whole number of. */
function keyUnit(gpu: Gpu, format: KvFormat, dim: number): number {
  return variantOf(gpu, dim) === 'team' ? batchTeamPlan(gpu, format, dim).tile : tileKeys;
}

/** (row, head) pairs for which a workgroup reads keys. */
function linesOf(gpu: Gpu, format: KvFormat, dim: number): number {
  const variant = variantOf(gpu, dim);
  if (variant === 'prefill') return laneCount(gpu);
  if (variant === 'shuffle') return shuffleQueries;
  if (variant === 'flash') return flashLines;
  const { lines, blocks } = batchTeamPlan(gpu, format, dim);
  return lines * blocks;
}

/** Workgroups for so many rows, before keys are split; `readers` of them read the same keys. */
function launchOf(gpu: Gpu, format: KvFormat, { count, heads, kvHeads, dim }: AttentionShape) {
  const lines = linesOf(gpu, format, dim);
  const ratio = heads / kvHeads;
  const readers =
    variantOf(gpu, dim) === 'prefill' ? ratio * groupCount(count, lines) : groupCount(count * ratio, lines);
  return { readers, workgroups: readers * kvHeads };
}

/** How the keys of a piece are split: as it says, else so that a GPU is busy. */
function ruleOf(gpu: Gpu, format: KvFormat, shape: AttentionShape, keys: AttentionPiece['keys']): SplitRule {
  const unit = keyUnit(gpu, format, shape.dim);
  if (keys) return { most: keys.splits, unit };
  if (variantOf(gpu, shape.dim) !== 'team') return { most: 1, unit };
  const wanted = Math.floor(gpu.variant.groupsInFlight / launchOf(gpu, format, shape).workgroups);
  const most = Math.max(1, Math.min(wanted, Math.floor(splitRowsMax / shape.count)));
  return { most, unit, least: splitKeysMin };
}

/** Workgroups that a piece is computed by, and how many of them read the same keys. */
export function batchLaunch(
  gpu: Gpu,
  format: KvFormat,
  shape: AttentionShape,
  { firstRow, rows, keys }: AttentionPiece = { firstRow: 0, rows: shape.count },
): { workgroups: number; readers: number } {
  const ofPiece = { ...shape, count: rows, firstRow };
  const { splits } = splitPlan(ruleOf(gpu, format, ofPiece, keys), shape.start + firstRow + rows);
  const { readers, workgroups } = launchOf(gpu, format, ofPiece);
  const first = keys?.first ?? 0;
  const splitsHere = Math.max(0, Math.min(splits, keys ? first + keys.count : splits) - first);
  return { readers, workgroups: workgroups * splitsHere };
}

/**
 * o = sigmoid(gate) · softmax(q · keys) · values, causal; see attentionPrefill. Rows are cut where all at once are too much work, and
 * on a GPU the keys of few rows too.
 */
export function attentionBatch(list: CommandList, t: SplitAttentionTensors, shape: AttentionShape): void {
  const { gpu } = list;
  const ofRows = ({ first, count }: RowPiece): AttentionShape => ({ ...shape, firstRow: first, count });
  const cut = { count: shape.count, multiple: pieceRows };
  const { format } = t.cache;
  for (const rows of rowPieces(gpu, cut, piece => attentionWork({ ...ofRows(piece), format }))) {
    const piece = { firstRow: rows.first, rows: rows.count };
    const keys = keyCut(gpu, format, ofRows(rows));
    if (!keys) attentionPiece(list, t, shape, piece);
    else
      for (let first = 0; first < keys.splits; first += keys.count)
        attentionPiece(list, t, shape, { ...piece, keys: { ...keys, first } });
  }
}

/**
 * Into how many splits the keys are cut, and how many of them are computed at a time, so that no part is too much for a submission;
 * undefined where the whole is not. Each part has as many splits as keep the device busy, as far as there is room for their sums.
 */
function keyCut(
  gpu: Gpu,
  format: KvFormat,
  shape: AttentionShape,
): { splits: number; count: number } | undefined {
  const { estimate, submissions, software, variant } = gpu;
  const least = Math.ceil(estimate.ms(attentionWork({ ...shape, format })) / submissions.budgetMs);
  if (software || least <= 1) return undefined;
  const unit = keyUnit(gpu, format, shape.dim);
  const busy = Math.max(1, Math.floor(variant.groupsInFlight / launchOf(gpu, format, shape).workgroups));
  for (let parts = least; ; parts++) {
    const most = Math.min(parts * busy, Math.floor(splitRowsMax / shape.count));
    const { splitKeys, splits } = splitPlan(
      { most, unit },
      shape.start + (shape.firstRow ?? 0) + shape.count,
    );
    const count = Math.ceil(splits / parts);
    const ms = estimate.ms(attentionWork({ ...shape, format }, { begin: 0, end: count * splitKeys }));
    if (count === 1 || ms <= submissions.budgetMs) return { splits: most, count };
  }
}

/** A part of attentionBatch. */
export function attentionPiece(
  list: CommandList,
  t: SplitAttentionTensors,
  shape: AttentionShape,
  { firstRow, rows: count, keys }: AttentionPiece,
): void {
  const { gpu } = list;
  const { heads, dim, start } = shape;
  const variant = variantOf(gpu, dim);
  const ofPiece = { ...shape, count, firstRow };
  const rule = ruleOf(gpu, t.cache.format, ofPiece, keys);
  const { splits } = splitPlan(rule, start + firstRow + count);
  const first = keys?.first ?? 0;
  const end = Math.min(splits, keys ? first + keys.count : splits);
  // Other positions and other estimates need other kernels: all are compiled at once.
  if (splits === 1 ? first === 0 : list.collecting) whole[variant](list, t, ofPiece);
  const inParts = list.collecting ? keys !== undefined || !gpu.software : splits > 1;
  if (!inParts || first >= end) return;
  parts[variant](list, t, ofPiece, { rule, first, count: end - first });
  if (end < splits) return;
  const gate = { ...t.gate, offset: t.gate.offset + firstRow * t.gate.stride };
  const options = { count, heads, dim, splits, gateHeadStride: t.gateHeadStride, firstRow };
  mergeOf(gpu)(list, { ...t, gate }, options);
}
