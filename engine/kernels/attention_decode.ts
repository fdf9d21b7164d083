// Kernel attention_decode: flash decode over splits of the keys; attention_merge joins them.
import { mapWord, type CommandList, type Word } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import source from './attention_decode.wgsl';
import shuffleSource from './attention_decode_shuffle.wgsl';
import type { AttentionShape } from './attention_prefill.ts';
import { attentionShufflePreamble } from './attention_shuffle.ts';
import { kvAccessor, kvUnits, type KvCache } from './kv_cache.ts';
import { groupCount, hasShuffle, laneCount } from './launch.ts';

/** Most splits of one head: bounds the partial sums, and fills any device at long context. */
export const splitCountMax = 32;
/** Keys whose scores a workgroup holds at a time; a split is a number of whole tiles. */
const tileKeys = 128;
/** Most queries that share the keys of a workgroup. */
const queriesMax = 8;

/** How `length` keys are split: at most splitCountMax pieces of splitKeys each. */
export function splitPlan(length: number): { splitKeys: number; splits: number } {
  const splitKeys = Math.max(1, groupCount(length, splitCountMax * tileKeys)) * tileKeys;
  return { splitKeys, splits: groupCount(length, splitKeys) };
}

interface DecodeTensors {
  q: GpuTensor;
  cache: KvCache;
  partial: GpuTensor;
  stats: GpuTensor;
}
type DecodeShape = Omit<AttentionShape, 'start'> & { start: Word };

/** partial f32 [count, heads, splits, dim]; stats f32 [count, heads, splits, 2]; splits from splitPlan(start + count). */
export function attentionDecode(list: CommandList, t: DecodeTensors, shape: DecodeShape): void {
  const { count, start, heads, kvHeads, dim } = shape;
  const { format, keys, values } = t.cache;
  const plan = (part: 'splitKeys' | 'splits') => mapWord(start, start => splitPlan(start + count)[part]);
  const queries = (count * heads) / kvHeads;
  // 1, 2, 4 or 8, so that there are few pipelines.
  const block = Math.min(queriesMax, 2 ** Math.ceil(Math.log2(queries)));
  const words = [heads, kvHeads, count, start, plan('splitKeys'), plan('splits')];
  const sizes = `const M = ${block}u;\nconst TILE = ${tileKeys}u;\nconst WG = ${laneCount(list.gpu)}u;\n`;
  list.dispatch({
    ...(hasShuffle(list.gpu)
      ? {
          spec: {
            name: 'attention_decode_shuffle',
            source: shuffleSource,
            preamble: attentionShufflePreamble(block, format, dim),
            subgroups: true,
          },
          words,
        }
      : {
          spec: { name: 'attention_decode', source, preamble: sizes + kvAccessor(format, dim) },
          words: [...words, kvUnits(format, dim), dim / 4],
        }),
    tensors: [t.q, keys, values, t.partial, t.stats],
    floats: [dim ** -0.5],
    groups: [plan('splits'), kvHeads, groupCount(queries, block)],
  });
}
