// Reference of attention_decode: for each split s of the positions p,
//   top = max_p score_p;  partial = sum_p e^(score_p - top) value_p;  stats = (top, sum_p e^(score_p - top)).
import type { AttentionShape } from '../../engine/kernels/attention_prefill.ts';
import { scores } from './attention_prefill.ts';
import type { Numbers } from './rows.ts';

/** partial [count, heads, splits, dim]; stats [count, heads, splits, 2]. A split without positions has top -1e30 and sums 0. */
export function attentionDecode(
  t: { q: Numbers; keys: Numbers; values: Numbers },
  shape: AttentionShape,
  { splitKeys, splits }: { splitKeys: number; splits: number },
): { partial: Float64Array; stats: Float64Array } {
  const { count, start, heads, kvHeads, dim } = shape;
  const partial = new Float64Array(count * heads * splits * dim);
  const stats = new Float64Array(count * heads * splits * 2);
  for (let row = 0; row < count; row++)
    for (let h = 0; h < heads; h++)
      for (let s = 0; s < splits; s++) {
        const from = s * splitKeys;
        const score = scores(t, shape, row, h, { from, to: Math.min(from + splitKeys, start + row + 1) });
        const top = Math.max(-1e30, ...score);
        const to = (row * heads + h) * splits + s;
        const g = Math.floor(h / (heads / kvHeads));
        for (const [index, value] of score.entries())
          for (let i = 0; i < dim; i++)
            partial[to * dim + i] =
              (partial[to * dim + i] as number) +
              Math.exp(value - top) * (t.values[((from + index) * kvHeads + g) * dim + i] as number);
        stats[to * 2] = top;
        stats[to * 2 + 1] = score.reduce((sum, value) => sum + Math.exp(value - top), 0);
      }
  return { partial, stats };
}
