// Reference of attention_prep (qwen3-next 3.2, 3.3): normed and rotated queries and keys, values as they are.
import { qkNormRope } from './qk_norm_rope.ts';
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
