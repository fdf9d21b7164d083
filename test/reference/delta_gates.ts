// Reference of delta_gates (docs/MODEL.md 6.3): beta = sigmoid(b); logDecay = negA * softplus(a + dtBias).
import { sigmoid, softplus } from './activations.ts';
import { at, type Numbers, type Rows } from './rows.ts';

/** gates [count, heads, 2] as (beta, logDecay). */
export function deltaGates(
  { b, a, negA, dtBias }: { b: Rows; a: Rows; negA: Numbers; dtBias: Numbers },
  { count, heads }: { count: number; heads: number },
): Float64Array {
  const gates = new Float64Array(count * heads * 2);
  for (let t = 0; t < count; t++)
    for (let h = 0; h < heads; h++) {
      const to = (t * heads + h) * 2;
      gates[to] = sigmoid(at(b, t, h));
      gates[to + 1] = (negA[h] as number) * softplus(at(a, t, h) + (dtBias[h] as number));
    }
  return gates;
}
