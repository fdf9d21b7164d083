// Reference of l2_norm (docs/MODEL.md 6.3): q / sqrt(sum q^2 + 1e-6) * dk^(-1/2) and k / sqrt(sum k^2 + 1e-6).
import type { Numbers } from './rows.ts';

/** x [count, stride] with its first 2 * keyHeads blocks of keyDim normed: queries, then keys. The rest is x as it was. */
export function l2Norm(
  x: Numbers,
  { count, keyHeads, keyDim, stride }: { count: number; keyHeads: number; keyDim: number; stride: number },
): Float64Array {
  const y = Float64Array.from(x);
  for (let t = 0; t < count; t++)
    for (let h = 0; h < 2 * keyHeads; h++) {
      const head = t * stride + h * keyDim;
      let sum = 0;
      for (let i = 0; i < keyDim; i++) sum += (x[head + i] as number) ** 2;
      const scale = h < keyHeads ? 1 / Math.sqrt(keyDim) : 1;
      for (let i = 0; i < keyDim; i++)
        y[head + i] = ((x[head + i] as number) / Math.sqrt(sum + 1e-6)) * scale;
    }
  return y;
}
