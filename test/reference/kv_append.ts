// Reference of kv_append: cache[row + t] = x[t].
import { at, type Numbers, type Rows } from './rows.ts';

/** The cache afterwards. */
export function kvAppend(
  x: Rows,
  cache: Numbers,
  { count, width, row }: { count: number; width: number; row: number },
): Float64Array {
  const after = Float64Array.from(cache);
  for (let t = 0; t < count; t++) for (let i = 0; i < width; i++) after[(row + t) * width + i] = at(x, t, i);
  return after;
}
