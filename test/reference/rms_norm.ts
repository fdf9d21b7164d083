// Reference of rms_norm (docs/MODEL.md 4.2): y = x * (mean(x^2) + eps)^(-1/2) * weight, the weight already holding the +1.
import type { Numbers } from './rows.ts';

/** y [count, n] of rows firstRow … of x [*, n]; weight [n]. */
export function rmsNorm(
  x: Numbers,
  weight: Numbers,
  { count, firstRow = 0, eps }: { count: number; firstRow?: number; eps: number },
): Float64Array {
  const n = weight.length;
  const y = new Float64Array(count * n);
  for (let t = 0; t < count; t++) {
    const row = (firstRow + t) * n;
    let sum = 0;
    for (let i = 0; i < n; i++) sum += (x[row + i] as number) ** 2;
    const factor = 1 / Math.sqrt(sum / n + eps);
    for (let i = 0; i < n; i++) y[t * n + i] = (x[row + i] as number) * factor * (weight[i] as number);
  }
  return y;
}
