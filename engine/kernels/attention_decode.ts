// Kernel attention_decode: flash decode over splits of the keys; attention_merge joins them.
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import source from './attention_decode.wgsl';
import type { AttentionShape } from './attention_prefill.ts';
import { groupCount, laneCount } from './launch.ts';

/** Keys of one split: enough work for a workgroup, enough splits to fill a device at long context. */
export const splitKeys = 256;

/** Splits that cover `length` keys. */
export function splitCount(length: number): number {
  return groupCount(length, splitKeys);
}

/** partial f32 [count, heads, splits, dim]; stats f32 [count, heads, splits, 2]; splits = splitCount(start + count). */
export function attentionDecode(
  list: CommandList,
  t: { q: GpuTensor; keys: GpuTensor; values: GpuTensor; partial: GpuTensor; stats: GpuTensor },
  shape: AttentionShape,
): void {
  const wg = laneCount(list.gpu);
  const splits = splitCount(shape.start + shape.count);
  list.dispatch({
    spec: {
      name: 'attention_decode',
      source,
      preamble: `const D4 = ${shape.dim / 4}u;\nconst VALUES4 = ${groupCount(shape.dim / 4, wg)}u;\n`,
      constants: { wg },
    },
    tensors: [t.q, t.keys, t.values, t.partial, t.stats],
    words: [shape.heads, shape.kvHeads, shape.start, splitKeys, splits],
    floats: [shape.dim ** -0.5],
    groups: [splits, shape.heads, shape.count],
  });
}
