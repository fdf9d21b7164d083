// Reference of moe_combine (docs/MODEL.md 7.2, 7.3): x += sum_j weights_j routed_j + sharedWeight shared.
import type { Numbers } from './rows.ts';

/** routed [count * chosen, width]; weights [count, chosen]; shared, x [count, width]; sharedWeights [count]. Gives x afterwards. */
export function moeCombine(
  {
    routed,
    weights,
    shared,
    sharedWeights,
    x,
  }: { routed: Numbers; weights: Numbers; shared: Numbers; sharedWeights: Numbers; x: Numbers },
  { count, width, chosen }: { count: number; width: number; chosen: number },
): Float64Array {
  const y = new Float64Array(count * width);
  for (let t = 0; t < count; t++)
    for (let i = 0; i < width; i++) {
      let sum =
        (x[t * width + i] as number) + (sharedWeights[t] as number) * (shared[t * width + i] as number);
      for (let j = 0; j < chosen; j++) {
        const entry = t * chosen + j;
        sum += (weights[entry] as number) * (routed[entry * width + i] as number);
      }
      y[t * width + i] = sum;
    }
  return y;
}
