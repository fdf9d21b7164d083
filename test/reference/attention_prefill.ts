// Reference of attention_prefill (docs/MODEL.md 5.3): o = sigmoid(gate) * softmax(q . key_p / sqrt(dim)) value, p <= position of the row.
import type { AttentionShape } from '../../engine/kernels/attention_prefill.ts';
import { sigmoid } from './activations.ts';
import { at, type Numbers, type Rows } from './rows.ts';

/** q [count, heads, dim]; keys, values [*, kvHeads, dim]; gate rows hold heads gateHeadStride apart; o [count, heads, dim]. */
export function attentionPrefill(
  t: { q: Numbers; keys: Numbers; values: Numbers; gate: Rows; gateHeadStride: number },
  { count, start, heads, kvHeads, dim }: AttentionShape,
): Float64Array {
  const o = new Float64Array(count * heads * dim);
  for (let row = 0; row < count; row++)
    for (let h = 0; h < heads; h++) {
      const length = start + row + 1;
      const score = scores(t, { count, start, heads, kvHeads, dim }, row, h, { from: 0, to: length });
      const top = Math.max(...score);
      const total = score.reduce((sum, s) => sum + Math.exp(s - top), 0);
      const g = Math.floor(h / (heads / kvHeads));
      for (let i = 0; i < dim; i++) {
        let sum = 0;
        for (let p = 0; p < length; p++)
          sum +=
            (Math.exp((score[p] as number) - top) / total) *
            (t.values[(p * kvHeads + g) * dim + i] as number);
        o[(row * heads + h) * dim + i] = sum * sigmoid(at(t.gate, row, h * t.gateHeadStride + i));
      }
    }
  return o;
}

/** q . key_p / sqrt(dim) of one row and head for the positions from … to - 1. */
export function scores(
  { q, keys }: { q: Numbers; keys: Numbers },
  { heads, kvHeads, dim }: AttentionShape,
  row: number,
  h: number,
  { from, to }: { from: number; to: number },
): number[] {
  const g = Math.floor(h / (heads / kvHeads));
  const found: number[] = [];
  for (let p = from; p < to; p++) {
    let dot = 0;
    for (let i = 0; i < dim; i++)
      dot += (q[(row * heads + h) * dim + i] as number) * (keys[(p * kvHeads + g) * dim + i] as number);
    found.push(dot / Math.sqrt(dim));
  }
  return found;
}
