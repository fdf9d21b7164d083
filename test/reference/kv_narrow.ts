// Reference of kv_narrow: the values of rows in halves, stored in 8 bits by the equation of kv/q8.
import { packKv, unpackKv } from '../support/kv_rows.ts';

/** Words of rows in 8 bits, from words of the same rows in halves. */
export function kvNarrow(halves: Uint32Array, dim: number): Uint32Array<ArrayBuffer> {
  return packKv('q8', unpackKv('f16', halves, dim), dim);
}
