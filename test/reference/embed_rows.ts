// Reference of embed_rows: y[t] = table[ids[t]].
import type { Matrix } from './matmul_vec.ts';
import type { Numbers } from './rows.ts';

/** y [ids, columns]; a row whose id is past the table is NaN: nothing is written there. */
export function embedRows(table: Matrix, ids: Numbers): Float64Array {
  const y = new Float64Array(ids.length * table.columns).fill(NaN);
  for (let t = 0; t < ids.length; t++) {
    const row = ids[t] as number;
    if (row >= table.rows) continue;
    for (let i = 0; i < table.columns; i++)
      y[t * table.columns + i] = table.values[row * table.columns + i] as number;
  }
  return y;
}
