// Reference of gated_delta_chunk_solve (docs/MODEL.md 6.5), per chunk and value head:
//   Tm = (I + A)^(-1), row by row;  U = Tm diag(beta) V;  W = Tm diag(beta e^G) K
import type { DeltaShape } from '../../engine/kernels/gated_delta_step.ts';
import { deltaRow } from './delta_row.ts';
import type { Numbers } from './rows.ts';

/** scores as gated_delta_chunk_scores gives them (A is component 0); solved [count, Hv, Dv + Dk] = (U, W). */
export function gatedDeltaChunkSolve(
  { qkv, gates, scores }: { qkv: Numbers; gates: Numbers; scores: Numbers },
  shape: DeltaShape,
  chunkRows: number,
): Float64Array {
  const { count, valueHeads, keyDim, valueDim } = shape;
  const row = deltaRow(qkv, gates, shape);
  const width = valueDim + keyDim;
  const solved = new Float64Array(count * valueHeads * width);
  for (let first = 0; first < count; first += chunkRows)
    for (let h = 0; h < valueHeads; h++) {
      const last = Math.min(chunkRows, count - first);
      const A = (i: number, j: number) =>
        scores[((((first / chunkRows) * valueHeads + h) * chunkRows + i) * chunkRows + j) * 2] as number;
      const Tm = inverseOfUnitLower(A, last);
      const G = new Float64Array(last);
      for (let i = 0; i < last; i++) G[i] = (i > 0 ? (G[i - 1] as number) : 0) + row.logDecay(first + i, h);
      for (let i = 0; i < last; i++) {
        const to = ((first + i) * valueHeads + h) * width;
        for (let j = 0; j <= i; j++) {
          const t = first + j;
          const factor = (Tm[i * last + j] as number) * row.beta(t, h);
          for (let c = 0; c < valueDim; c++)
            solved[to + c] = (solved[to + c] as number) + factor * row.v(t, h, c);
          for (let d = 0; d < keyDim; d++)
            solved[to + valueDim + d] =
              (solved[to + valueDim + d] as number) + factor * Math.exp(G[j] as number) * row.k(t, h, d);
        }
      }
    }
  return solved;
}

/** (I + A)^(-1) [n, n] of a strictly lower triangular A: Tm[i, :i] = -A[i, :i] Tm[:i, :i]. */
function inverseOfUnitLower(A: (i: number, j: number) => number, n: number): Float64Array {
  const Tm = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    Tm[i * n + i] = 1;
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let l = j; l < i; l++) sum += A(i, l) * (Tm[l * n + j] as number);
      Tm[i * n + j] = -sum;
    }
  }
  return Tm;
}
