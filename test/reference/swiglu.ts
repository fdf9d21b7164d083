// Reference of swiglu: y = silu(gate) * up.
import { silu } from './activations.ts';
import { at, type Rows } from './rows.ts';

/** y [count, width]. */
export function swiglu(
  gate: Rows,
  up: Rows,
  { count, width }: { count: number; width: number },
): Float64Array {
  const y = new Float64Array(count * width);
  for (let t = 0; t < count; t++)
    for (let f = 0; f < width; f++) y[t * width + f] = silu(at(gate, t, f)) * at(up, t, f);
  return y;
}
