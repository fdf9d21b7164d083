// Reference of argmax_rows: the index of the largest value of each row, the lowest on a tie.
import { noPick } from '../../engine/kernels/argmax_rows.ts';
import type { Numbers } from './rows.ts';

/** x [count, width]; noPick for a row that holds NaN, or whose largest value is not finite. */
export function argmaxRows(x: Numbers, { count, width }: { count: number; width: number }): number[] {
  return Array.from({ length: count }, (_, t) => {
    const row = Array.from({ length: width }, (_, i) => x[t * width + i] as number);
    const best = Math.max(...row);
    return Number.isFinite(best) ? row.indexOf(best) : noPick;
  });
}
