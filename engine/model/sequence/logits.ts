// Which logits are asked for, and how many rows of them are computed at a time.

/** Of no row, of the last one, or of all. */
export type Logits = 'none' | 'last' | 'all';

/** Rows of logits computed and read back at a time when all are wanted. */
export const logitRowsMax = 16;

/** Rows of the last piece when all of `count` rows are wanted; 0 where it is as large as the others. */
export function lastRowsOf(count: number): number {
  return count % logitRowsMax;
}
