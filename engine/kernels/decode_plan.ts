// What the kernels of flash decode share: how keys are split, and which queries share them.
import { addWords, mapWord, type Word } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { acceptedTensors, type Accepted } from './accepted.ts';
import type { AttentionShape } from './attention_prefill.ts';
import type { KvCache } from './kv_cache.ts';
import { groupCount } from './launch.ts';

/** Most splits of one head: bounds the partial sums, and fills any device at long context. */
export const splitCountMax = 32;
/** Keys whose scores a workgroup holds at a time; a split is a number of whole tiles. */
export const tileKeys = 128;
/** Most queries that share the keys of a workgroup. */
const queriesMax = 8;

/** partial f32 [count, heads, splits, dim]; stats f32 [count, heads, splits, 2]; splits from splitPlan(start + most accepted + count). */
export interface DecodeTensors {
  q: GpuTensor;
  cache: KvCache;
  partial: GpuTensor;
  stats: GpuTensor;
}
export type DecodeShape = Omit<AttentionShape, 'start'> & { start: Word; accepted?: Accepted | undefined };

/** How `length` keys are split: at most splitCountMax pieces of splitKeys each. */
export function splitPlan(length: number): { splitKeys: number; splits: number } {
  const splitKeys = Math.max(1, groupCount(length, splitCountMax * tileKeys)) * tileKeys;
  return { splitKeys, splits: groupCount(length, splitKeys) };
}

/** A launch over splits, key heads and blocks of so many queries. */
export function decodeLaunch(
  { q, cache, partial, stats }: DecodeTensors,
  { count, start, accepted, heads, kvHeads, dim }: DecodeShape,
) {
  const latest = addWords(start, accepted?.most ?? 0);
  const plan = (part: 'splitKeys' | 'splits') => mapWord(latest, start => splitPlan(start + count)[part]);
  const queries = (count * heads) / kvHeads;
  // 1, 2, 4 or 8, so that there are few pipelines.
  const block = Math.min(queriesMax, 2 ** Math.ceil(Math.log2(queries)));
  return {
    block,
    tensors: [q, cache.keys, cache.values, partial, stats, ...acceptedTensors(accepted?.rows)],
    words: [heads, kvHeads, count, start, plan('splitKeys'), plan('splits')],
    floats: [dim ** -0.5],
    groups: [plan('splits'), kvHeads, groupCount(queries, block)] as const,
  };
}
