// Reference of moe_matmul_vec: y[entry, m] = sum_k x[entry / xDivisor, k] w[expert of the entry, m, k].
import type { Matrix } from './matmul_vec.ts';
import type { Numbers } from './rows.ts';

/** ids [entries]: the expert of each; w [experts * outputs, columns]; x [*, columns]; y [entries, outputs]. */
export function moeMatmulVec(
  x: Numbers,
  w: Matrix,
  ids: Numbers,
  { outputs, xDivisor }: { outputs: number; xDivisor: number },
): Float64Array {
  const y = new Float64Array(ids.length * outputs);
  for (let entry = 0; entry < ids.length; entry++)
    for (let m = 0; m < outputs; m++) {
      const x_at = Math.floor(entry / xDivisor) * w.columns;
      const w_at = ((ids[entry] as number) * outputs + m) * w.columns;
      let sum = 0;
      for (let k = 0; k < w.columns; k++) sum += (x[x_at + k] as number) * (w.values[w_at + k] as number);
      y[entry * outputs + m] = sum;
    }
  return y;
}
