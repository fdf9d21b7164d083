// Reference of rms_norm_gated (docs/MODEL.md 6.6): y = weight * (o * (mean(o^2) + eps)^(-1/2)) * silu(z), per value head.
import { silu } from './activations.ts';
import { at, type Numbers, type Rows } from './rows.ts';

/** o [count, heads, dim]; z rows of heads * dim; weight [dim]; y [count, heads, dim]. With tileHeads, head h = g * r + j lands at j * tileHeads + g. */
export function rmsNormGated(
  { o, z, weight }: { o: Numbers; z: Rows; weight: Numbers },
  {
    count,
    heads,
    dim,
    eps,
    tileHeads = 0,
  }: { count: number; heads: number; dim: number; eps: number; tileHeads?: number },
): Float64Array {
  const y = new Float64Array(count * heads * dim);
  for (let t = 0; t < count; t++)
    for (let h = 0; h < heads; h++) {
      const from = (t * heads + h) * dim;
      const to = (t * heads + placeOf(h, heads, tileHeads)) * dim;
      let sum = 0;
      for (let i = 0; i < dim; i++) sum += (o[from + i] as number) ** 2;
      const factor = 1 / Math.sqrt(sum / dim + eps);
      for (let i = 0; i < dim; i++)
        y[to + i] = (weight[i] as number) * ((o[from + i] as number) * factor) * silu(at(z, t, h * dim + i));
    }
  return y;
}

/** Grouped order counts value heads inside their key head; tiled order counts key heads first (docs/MODEL.md 3.4). */
function placeOf(h: number, heads: number, tileHeads: number): number {
  if (tileHeads === 0) return h;
  const ratio = heads / tileHeads;
  const keyHead = Math.floor(h / ratio);
  const inside = h - keyHead * ratio;
  return inside * tileHeads + keyHead;
}
