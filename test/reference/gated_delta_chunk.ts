// Reference of gated_delta_chunk (docs/MODEL.md 6.5): the walk over chunks with state S, per value head:
//   N = U - W S;  O = diag(e^G) Q S + P N;  S <- e^(G_last) S + K^T diag(e^(G_last - G)) N
import type { DeltaShape } from '../../engine/kernels/gated_delta_step.ts';
import { deltaRow } from './delta_row.ts';
import type { Numbers } from './rows.ts';

/** scores (P is component 1) and solved as the two stages before give them; o [count, Hv, Dv]; state S [Hv, Dk, Dv]. */
export function gatedDeltaChunk(
  t: { qkv: Numbers; gates: Numbers; scores: Numbers; solved: Numbers; state: Numbers },
  shape: DeltaShape,
  chunkRows: number,
): { o: Float64Array; state: Float64Array } {
  const { count, valueHeads, keyDim, valueDim } = shape;
  const row = deltaRow(t.qkv, t.gates, shape);
  const width = valueDim + keyDim;
  const S = Float64Array.from(t.state);
  const o = new Float64Array(count * valueHeads * valueDim);
  for (let h = 0; h < valueHeads; h++)
    for (let c = 0; c < valueDim; c++) {
      const s = (d: number) => (h * keyDim + d) * valueDim + c;
      for (let first = 0; first < count; first += chunkRows) {
        const last = Math.min(chunkRows, count - first);
        const P = (i: number, j: number) =>
          t.scores[
            ((((first / chunkRows) * valueHeads + h) * chunkRows + i) * chunkRows + j) * 2 + 1
          ] as number;
        const N = new Float64Array(last);
        const G = new Float64Array(last);
        for (let i = 0; i < last; i++) {
          const at = ((first + i) * valueHeads + h) * width;
          let WS = 0;
          let QS = 0;
          for (let d = 0; d < keyDim; d++) {
            WS += (t.solved[at + valueDim + d] as number) * (S[s(d)] as number);
            QS += row.q(first + i, h, d) * (S[s(d)] as number);
          }
          N[i] = (t.solved[at + c] as number) - WS;
          G[i] = (i > 0 ? (G[i - 1] as number) : 0) + row.logDecay(first + i, h);
          let PN = 0;
          for (let j = 0; j <= i; j++) PN += P(i, j) * (N[j] as number);
          o[((first + i) * valueHeads + h) * valueDim + c] = Math.exp(G[i] as number) * QS + PN;
        }
        const Glast = G[last - 1] as number;
        for (let d = 0; d < keyDim; d++) {
          let KN = 0;
          for (let i = 0; i < last; i++)
            KN += row.k(first + i, h, d) * Math.exp(Glast - (G[i] as number)) * (N[i] as number);
          S[s(d)] = Math.exp(Glast) * (S[s(d)] as number) + KN;
        }
      }
    }
  return { o, state: S };
}
