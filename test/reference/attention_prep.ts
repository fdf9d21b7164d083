// Reference of attention_prep (docs/MODEL.md 5.1, 5.2): values as they are; queries and keys after the zero-centred norm of each head and
// the rotation of its first rotaryDim dimensions, half-split pairs: y_i = x_i c_i - x_(i+half) s_i;  y_(i+half) = x_(i+half) c_i + x_i s_i.
import { at, type Numbers, type Rows } from './rows.ts';

/** q rows of [heads, 2 dim], k and v rows of [kvHeads, dim]; gains [2, dim]. Gives [count, heads or kvHeads, dim] each. */
export function attentionPrep(
  { q, k, v, gains, rope }: { q: Rows; k: Rows; v: Rows; gains: Float32Array; rope: Numbers },
  s: {
    count: number;
    ropeRow: number;
    heads: number;
    kvHeads: number;
    dim: number;
    rotaryDim: number;
    eps: number;
  },
): { q: Float64Array; keys: Float64Array; values: Float64Array } {
  const { count, kvHeads, dim } = s;
  const width = kvHeads * dim;
  return {
    q: qkNormRope({ x: q, weight: gains.subarray(0, dim), rope }, { ...s, headStride: 2 * dim }),
    keys: qkNormRope({ x: k, weight: gains.subarray(dim), rope }, { ...s, heads: kvHeads, headStride: dim }),
    values: Float64Array.from({ length: count * width }, (_, i) => at(v, Math.floor(i / width), i % width)),
  };
}

/** x rows hold heads headStride apart; weight [dim] with the +1 in it; rope [*, rotaryDim / 2, 2] as (cos, sin); y [count, heads, dim]. */
function qkNormRope(
  { x, weight, rope }: { x: Rows; weight: Numbers; rope: Numbers },
  {
    count,
    heads,
    dim,
    rotaryDim,
    headStride,
    ropeRow,
    eps,
  }: {
    count: number;
    heads: number;
    dim: number;
    rotaryDim: number;
    headStride: number;
    ropeRow: number;
    eps: number;
  },
): Float64Array {
  const half = rotaryDim / 2;
  const y = new Float64Array(count * heads * dim);
  for (let t = 0; t < count; t++)
    for (let h = 0; h < heads; h++) {
      let sum = 0;
      for (let i = 0; i < dim; i++) sum += at(x, t, h * headStride + i) ** 2;
      const factor = 1 / Math.sqrt(sum / dim + eps);
      const normed = (i: number) => at(x, t, h * headStride + i) * factor * (weight[i] as number);
      const to = (t * heads + h) * dim;
      for (let i = 0; i < dim; i++) y[to + i] = normed(i);
      for (let i = 0; i < half; i++) {
        const angle = ((ropeRow + t) * half + i) * 2;
        const cos = rope[angle] as number;
        const sin = rope[angle + 1] as number;
        y[to + i] = normed(i) * cos - normed(i + half) * sin;
        y[to + i + half] = normed(i + half) * cos + normed(i) * sin;
      }
    }
  return y;
}
