// Reference of gather_rows: the rows with these numbers, one after another.
import type { Matrix } from './matmul_vec.ts';

export function gatherRows({ values, columns }: Matrix, ids: readonly number[]): number[] {
  return ids.flatMap(id => Array.from({ length: columns }, (_, k) => values[id * columns + k] as number));
}
