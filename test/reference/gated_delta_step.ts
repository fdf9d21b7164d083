// Reference of gated_delta_step: the delta rule token by token (docs/MODEL.md 6.4). Per value head h, key head g = floor(h / r):
//   S <- e^logDecay S;  m = S^T k;  delta = beta (v - m);  S <- S + k delta^T;  o = S^T q
import type { DeltaShape } from '../../engine/kernels/gated_delta_step.ts';
import { deltaRow } from './delta_row.ts';
import type { Numbers } from './rows.ts';

/** qkv [count, queries | keys | values], gates [count, Hv, 2] as (beta, logDecay), state S [Hv, Dk, Dv]; o [count, Hv, Dv]. */
export function gatedDeltaStep(
  { qkv, gates, state }: { qkv: Numbers; gates: Numbers; state: Numbers },
  shape: DeltaShape,
): { o: Float64Array; state: Float64Array } {
  const { count, valueHeads, keyDim, valueDim } = shape;
  const row = deltaRow(qkv, gates, shape);
  const S = Float64Array.from(state);
  const o = new Float64Array(count * valueHeads * valueDim);
  for (let h = 0; h < valueHeads; h++) {
    const s = (d: number, c: number) => (h * keyDim + d) * valueDim + c;
    for (let t = 0; t < count; t++) {
      const decay = Math.exp(row.logDecay(t, h));
      for (let d = 0; d < keyDim; d++)
        for (let c = 0; c < valueDim; c++) S[s(d, c)] = decay * (S[s(d, c)] as number);
      for (let c = 0; c < valueDim; c++) {
        let m = 0;
        for (let d = 0; d < keyDim; d++) m += (S[s(d, c)] as number) * row.k(t, h, d);
        const delta = row.beta(t, h) * (row.v(t, h, c) - m);
        let out = 0;
        for (let d = 0; d < keyDim; d++) {
          S[s(d, c)] = (S[s(d, c)] as number) + row.k(t, h, d) * delta;
          out += (S[s(d, c)] as number) * row.q(t, h, d);
        }
        o[(t * valueHeads + h) * valueDim + c] = out;
      }
    }
  }
  return { o, state: S };
}
