// Reference of gated_delta_chunk_scores (docs/MODEL.md 6.5), per chunk and value head, i and j counted inside the chunk:
//   G_i = sum_(l<=i) logDecay_l;  D_ij = e^(G_i - G_j) for j <= i, else 0
//   A_ij = beta_i (k_i . k_j) D_ij for j < i, else 0;  P_ij = (q_i . k_j) D_ij
import type { DeltaShape } from '../../engine/kernels/gated_delta_step.ts';
import { deltaRow } from './delta_row.ts';
import type { Numbers } from './rows.ts';

/** scores [ceil(count / chunkRows), Hv, chunkRows, chunkRows, 2] as (A, P); rows past the last token are NaN: nothing is said about them. */
export function gatedDeltaChunkScores(
  { qkv, gates }: { qkv: Numbers; gates: Numbers },
  shape: DeltaShape,
  chunkRows: number,
): Float64Array {
  const { count, valueHeads, keyDim } = shape;
  const row = deltaRow(qkv, gates, shape);
  const chunks = Math.ceil(count / chunkRows);
  const scores = new Float64Array(chunks * valueHeads * chunkRows * chunkRows * 2).fill(NaN);
  for (let chunk = 0; chunk < chunks; chunk++)
    for (let h = 0; h < valueHeads; h++) {
      const first = chunk * chunkRows;
      const last = Math.min(chunkRows, count - first);
      const G = new Float64Array(last);
      for (let i = 0; i < last; i++) G[i] = (i > 0 ? (G[i - 1] as number) : 0) + row.logDecay(first + i, h);
      for (let i = 0; i < last; i++)
        for (let j = 0; j < chunkRows; j++) {
          const to = (((chunk * valueHeads + h) * chunkRows + i) * chunkRows + j) * 2;
          let kk = 0;
          let qk = 0;
          for (let d = 0; j <= i && d < keyDim; d++) {
            kk += row.k(first + i, h, d) * row.k(first + j, h, d);
            qk += row.q(first + i, h, d) * row.k(first + j, h, d);
          }
          const D = j <= i ? Math.exp((G[i] as number) - (G[j] as number)) : 0;
          scores[to] = j < i ? row.beta(first + i, h) * kk * D : 0;
          scores[to + 1] = qk * D;
        }
    }
  return scores;
}
