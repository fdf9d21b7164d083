// Reference of attention_merge: the splits of attention_decode brought to one top, added, divided, gated:
//   o = sigmoid(gate) * sum_s e^(top_s - top) partial_s / sum_s e^(top_s - top) total_s
import { sigmoid } from './activations.ts';
import { at, type Numbers, type Rows } from './rows.ts';

/** partial [count, heads, splits, dim]; stats [count, heads, splits, 2]; gate rows hold heads gateHeadStride apart; o [count, heads, dim]. */
export function attentionMerge(
  { partial, stats, gate }: { partial: Numbers; stats: Numbers; gate: Rows },
  {
    count,
    heads,
    dim,
    splits,
    gateHeadStride,
  }: { count: number; heads: number; dim: number; splits: number; gateHeadStride: number },
): Float64Array {
  const o = new Float64Array(count * heads * dim);
  for (let row = 0; row < count; row++)
    for (let h = 0; h < heads; h++) {
      const first = (row * heads + h) * splits;
      let top = -Infinity;
      for (let s = 0; s < splits; s++) top = Math.max(top, stats[(first + s) * 2] as number);
      const factor = (s: number) => Math.exp((stats[(first + s) * 2] as number) - top);
      let total = 0;
      for (let s = 0; s < splits; s++) total += factor(s) * (stats[(first + s) * 2 + 1] as number);
      for (let i = 0; i < dim; i++) {
        let sum = 0;
        for (let s = 0; s < splits; s++) sum += factor(s) * (partial[(first + s) * dim + i] as number);
        o[(row * heads + h) * dim + i] = (sum / total) * sigmoid(at(gate, row, h * gateHeadStride + i));
      }
    }
  return o;
}
