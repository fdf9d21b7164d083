// Reference of norm_matvec: y[t] = W (gain x[t] (mean(x[t]^2) + eps)^(-1/2)).
import { matmulVec, type Matrix } from './matmul_vec.ts';
import { rmsNorm } from './rms_norm.ts';
import { at, type Numbers, type Rows } from './rows.ts';

/** y [count, w.rows]; gain [w.columns]. */
export function normMatvec(
  { x, gain, w }: { x: Rows; gain: Numbers; w: Matrix },
  { count, eps }: { count: number; eps: number },
): Float64Array {
  return matmulVec(normedRows({ x, gain }, { count, eps }), w, { count });
}

/** The normed rows, packed. */
export function normedRows(
  { x, gain }: { x: Rows; gain: Numbers },
  { count, eps }: { count: number; eps: number },
): Rows {
  const width = gain.length;
  const packed = Float64Array.from({ length: count * width }, (_, i) =>
    at(x, Math.floor(i / width), i % width),
  );
  return { values: rmsNorm(packed, gain, { count, eps }), offset: 0, stride: width };
}
