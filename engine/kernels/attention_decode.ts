// Kernel attention_decode: flash decode over splits of the keys; attention_merge joins them.
import { mapWord, type CommandList, type Word } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import source from './attention_decode.wgsl';
import type { AttentionShape } from './attention_prefill.ts';
import { groupCount, laneCount, unroll } from './launch.ts';

/** Most splits of one head: bounds the partial sums, and fills any device at long context. */
export const splitCountMax = 32;
/** Fewest keys of a split: enough work for a workgroup. */
const splitKeysMin = 256;

/** How `length` keys are split: at most splitCountMax pieces of splitKeys each. */
export function splitPlan(length: number): { splitKeys: number; splits: number } {
  const splitKeys = Math.max(splitKeysMin, groupCount(length, splitCountMax));
  return { splitKeys, splits: groupCount(length, splitKeys) };
}

/** partial f32 [count, heads, splits, dim]; stats f32 [count, heads, splits, 2]; splits from splitPlan(start + count). */
export function attentionDecode(
  list: CommandList,
  t: { q: GpuTensor; keys: GpuTensor; values: GpuTensor; partial: GpuTensor; stats: GpuTensor },
  shape: Omit<AttentionShape, 'start'> & { start: Word },
): void {
  const wg = laneCount(list.gpu);
  const plan = (part: 'splitKeys' | 'splits') =>
    mapWord(shape.start, start => splitPlan(start + shape.count)[part]);
  list.dispatch({
    spec: {
      name: 'attention_decode',
      source,
      preamble: `const D4 = ${shape.dim / 4}u;\nconst VALUES4 = ${groupCount(shape.dim / 4, wg)}u;\n${unroll(list.gpu)}`,
      constants: { wg },
    },
    tensors: [t.q, t.keys, t.values, t.partial, t.stats],
    words: [
      shape.heads,
      shape.kvHeads,
      shape.start,
      plan('splitKeys'),
      plan('splits'),
      shape.dim / 4,
      groupCount(shape.dim / 4, wg),
    ],
    floats: [shape.dim ** -0.5],
    groups: [plan('splits'), shape.heads, shape.count],
  });
}
