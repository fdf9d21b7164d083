// Reference of gated_norm_matvec (docs/MODEL.md 6.6): y[t] += W rms_norm_gated(o[t], z[t]).
import { matmulVec, type Matrix } from './matmul_vec.ts';
import { rmsNormGated } from './rms_norm_gated.ts';
import type { Numbers, Rows } from './rows.ts';

/** o [count, heads, dim]; z rows of heads * dim; gain [dim]. y afterwards, [count, w.rows]. */
export function gatedNormMatvec(
  { o, z, gain, w, y }: { o: Numbers; z: Rows; gain: Numbers; w: Matrix; y: Rows },
  shape: { count: number; heads: number; dim: number; eps: number; tileHeads: number },
): Float64Array {
  const values = rmsNormGated({ o, z, weight: gain }, shape);
  const x = { values, offset: 0, stride: shape.heads * shape.dim };
  return matmulVec(x, w, { count: shape.count, before: y });
}
