// Names for the parts of a DeltaNet row, so that the references read like the paper: q, k, v, beta, logDecay of row t and value head h.
import type { DeltaShape } from '../../engine/kernels/gated_delta_step.ts';
import type { Numbers } from './rows.ts';

export interface DeltaRow {
  q(t: number, h: number, d: number): number;
  k(t: number, h: number, d: number): number;
  v(t: number, h: number, c: number): number;
  beta(t: number, h: number): number;
  logDecay(t: number, h: number): number;
}

/** qkv rows hold queries [Hk, Dk], keys [Hk, Dk], values [Hv, Dv]; gates [count, Hv, 2]. */
export function deltaRow(
  qkv: Numbers,
  gates: Numbers,
  { keyHeads, valueHeads, keyDim, valueDim }: DeltaShape,
): DeltaRow {
  const width = 2 * keyHeads * keyDim + valueHeads * valueDim;
  const keyHead = (h: number) => Math.floor(h / (valueHeads / keyHeads));
  return {
    q: (t, h, d) => qkv[t * width + keyHead(h) * keyDim + d] as number,
    k: (t, h, d) => qkv[t * width + (keyHeads + keyHead(h)) * keyDim + d] as number,
    v: (t, h, c) => qkv[t * width + 2 * keyHeads * keyDim + h * valueDim + c] as number,
    beta: (t, h) => gates[(t * valueHeads + h) * 2] as number,
    logDecay: (t, h) => gates[(t * valueHeads + h) * 2 + 1] as number,
  };
}
