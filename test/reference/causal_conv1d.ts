// Reference of causal_conv1d (docs/MODEL.md 6.2): y_t = silu( sum_j weight[j, c] * u_(t-K+1+j) ), then the last K - 1 rows are the state.
import { silu } from './activations.ts';
import { at, type Numbers, type Rows } from './rows.ts';

/** u rows of `channels`; weight [kernel, channels]; state [kernel - 1, channels], oldest first. */
export function causalConv1d(
  { u, weight, state }: { u: Rows; weight: Numbers; state: Numbers },
  { count, channels, kernel }: { count: number; channels: number; kernel: number },
): { y: Float64Array; state: Float64Array } {
  /** Row t of the input; the rows before the first are the state. */
  const input = (t: number, c: number) =>
    t < 0 ? (state[(kernel - 1 + t) * channels + c] as number) : at(u, t, c);
  const y = new Float64Array(count * channels);
  const after = new Float64Array((kernel - 1) * channels);
  for (let c = 0; c < channels; c++) {
    for (let t = 0; t < count; t++) {
      let sum = 0;
      for (let j = 0; j < kernel; j++)
        sum += (weight[j * channels + c] as number) * input(t - kernel + 1 + j, c);
      y[t * channels + c] = silu(sum);
    }
    for (let j = 0; j < kernel - 1; j++) after[j * channels + c] = input(count - (kernel - 1) + j, c);
  }
  return { y, state: after };
}
