// Reference of matmul_vec: y[t, m] = sum_k x[t, k] w[m, k], added to what y holds when accumulating.
import { at, type Numbers, type Rows } from './rows.ts';

/** A matrix [rows, columns] as plain numbers, row after row. */
export interface Matrix {
  values: Numbers;
  rows: number;
  columns: number;
}

/** y [count, w.rows]; `before` is what y held, for accumulating. */
export function matmulVec(
  x: Rows,
  w: Matrix,
  { count, before }: { count: number; before?: Rows },
): Float64Array {
  const y = new Float64Array(count * w.rows);
  for (let t = 0; t < count; t++)
    for (let m = 0; m < w.rows; m++) {
      let sum = before ? at(before, t, m) : 0;
      for (let k = 0; k < w.columns; k++) sum += at(x, t, k) * (w.values[m * w.columns + k] as number);
      y[t * w.rows + m] = sum;
    }
  return y;
}
