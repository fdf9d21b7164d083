// What the kernels of flash decode share: how keys are split, and which queries share them.
import type { Gpu } from '../gpu/device.ts';
import { addWords, mapWord, wordNow, type Word } from '../gpu/encoded_kernel.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import type { Work } from '../shared/prediction/cost.ts';
import { acceptedTensors, type Accepted } from './accepted.ts';
import type { AttentionShape } from './attention_prefill.ts';
import type { KvCache, KvFormat } from './kv_cache.ts';
import { groupCount } from './launch.ts';
import { attentionWork } from './work.ts';

/** Rows times splits that partial sums have room for. */
export const splitRowsMax = 1024;
/** Keys whose scores a workgroup of attention_decode holds at a time; a split is a number of whole tiles. */
export const tileKeys = 128;
/** Most queries that share the keys of a workgroup. */
const queriesMax = 8;
/** Splits on a software device, whose few cores are busy with less. */
const softwareSplits = 32;

/**
 * partial f32 [count, heads, splits, dim]; stats f32 [count, heads, splits, 2]; splits by splitPlan(rule, start + most accepted +
 * firstRow + count).
 */
export interface DecodeTensors {
  q: GpuTensor;
  cache: KvCache;
  partial: GpuTensor;
  stats: GpuTensor;
}
export type DecodeShape = Omit<AttentionShape, 'start'> & { start: Word; accepted?: Accepted | undefined };

/** How keys are split, whatever their number: into at most `most` pieces of whole units of keys, at least `least` each where there are so many. */
export interface SplitRule {
  most: number;
  unit: number;
  least?: number;
}

/** How `length` keys are split: at most rule.most pieces of splitKeys each. */
export function splitPlan(
  { most, unit, least = unit }: SplitRule,
  length: number,
): { splitKeys: number; splits: number } {
  const pieces = Math.min(most, groupCount(length, least));
  const splitKeys = Math.max(1, groupCount(length, pieces * unit)) * unit;
  return { splitKeys, splits: groupCount(length, splitKeys) };
}

/** As many splits as keep the device busy when each takes so many workgroups, and as partial sums of `rows` have room for. */
export function splitRule(
  { software, variant }: Pick<Gpu, 'software' | 'variant'>,
  { rows, groups, ...keys }: { rows: number; groups: number } & Pick<SplitRule, 'unit' | 'least'>,
): SplitRule {
  const wanted = software ? softwareSplits : groupCount(variant.groupsInFlight, groups);
  return { most: Math.max(1, Math.min(wanted, Math.floor(splitRowsMax / rows))), ...keys };
}

/** Queries of one workgroup of attention_decode and attention_decode_shuffle: 1, 2, 4 or 8, so that there are few pipelines. */
function blockOf({ count, heads, kvHeads }: Pick<DecodeShape, 'count' | 'heads' | 'kvHeads'>): number {
  return Math.min(queriesMax, 2 ** Math.ceil(Math.log2((count * heads) / kvHeads)));
}

/** Workgroups of them that read the same keys. */
export function decodeBlocks(shape: Pick<DecodeShape, 'count' | 'heads' | 'kvHeads'>): number {
  return groupCount((shape.count * shape.heads) / shape.kvHeads, blockOf(shape));
}

/** The splits of attention_decode and attention_decode_shuffle. */
export function decodeRule(
  gpu: Pick<Gpu, 'software' | 'variant'>,
  shape: Pick<DecodeShape, 'count' | 'heads' | 'kvHeads'>,
): SplitRule {
  return splitRule(gpu, { rows: shape.count, groups: shape.kvHeads * decodeBlocks(shape), unit: tileKeys });
}

/** What a launch computes: how the keys of its rows are split, and which of the splits, all unless said. */
export interface SplitPart {
  rule: SplitRule;
  first?: number;
  count?: number;
}

/** The last words and the workgroups of such a launch, where so many workgroups have a part in each key. */
export function splitLaunch(
  format: KvFormat,
  { count, firstRow = 0, start, accepted, heads, kvHeads, dim }: DecodeShape,
  part: SplitPart,
  blocks: number,
) {
  const { rule, first = 0, count: splitCount } = part;
  const latest = addWords(start, accepted?.most ?? 0);
  const plan = (what: 'splitKeys' | 'splits') =>
    mapWord(latest, at => splitPlan(rule, at + firstRow + count)[what]);
  const rowsBefore = (firstRow * heads) / kvHeads;
  return {
    words: [heads, kvHeads, firstRow + count, start, plan('splitKeys'), plan('splits'), rowsBefore, first],
    floats: [dim ** -0.5],
    groups: [splitCount ?? plan('splits'), kvHeads, blocks] as const,
    work: () => workOf({ count, firstRow, start: wordNow(latest), heads, kvHeads, dim }, format, part),
  };
}

function workOf(shape: AttentionShape, format: KvFormat, { rule, first = 0, count }: SplitPart): Work {
  const { splitKeys, splits } = splitPlan(rule, shape.start + (shape.firstRow ?? 0) + shape.count);
  const keys = { begin: first * splitKeys, end: (first + (count ?? splits)) * splitKeys };
  return attentionWork({ ...shape, format }, keys);
}

/** A launch over splits, key heads and blocks of so many queries. */
export function decodeLaunch(t: DecodeTensors, shape: DecodeShape, part: SplitPart) {
  return {
    block: blockOf(shape),
    tensors: [
      t.q,
      t.cache.keys,
      t.cache.values,
      t.partial,
      t.stats,
      t.cache.table,
      ...acceptedTensors(shape.accepted?.rows),
    ],
    ...splitLaunch(t.cache.format, shape, part, decodeBlocks(shape)),
  };
}
