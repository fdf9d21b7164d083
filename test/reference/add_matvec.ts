// Reference of add_matvec: y[t] += W x[t].
import { matmulVec, type Matrix } from './matmul_vec.ts';
import type { Rows } from './rows.ts';

/** y afterwards, [count, w.rows]. */
export function addMatvec({ x, w, y }: { x: Rows; w: Matrix; y: Rows }, count: number): Float64Array {
  return matmulVec(x, w, { count, before: y });
}
