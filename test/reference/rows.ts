// Rows inside a larger array, as the kernels' RowView: row t starts at element offset + t * stride.

export type Numbers = ArrayLike<number>;

export interface Rows {
  values: Numbers;
  offset: number;
  stride: number;
}

/** Value `i` of row `t`. */
export function at(rows: Rows, t: number, i: number): number {
  return rows.values[rows.offset + t * rows.stride + i] as number;
}
