// Reference of expert_gate_up (docs/MODEL.md 7.2): h[t, s] = weight silu(gate_e n) (up_e n) with n = norm(x[t]) and e the slot's expert.
import { silu } from './activations.ts';
import type { Matrix } from './matmul_vec.ts';
import { normedRows } from './norm_matvec.ts';
import { at, type Numbers, type Rows } from './rows.ts';

/** One slot of one row. */
export interface Chosen {
  id: number;
  weight: number;
}

/** choice [count][slots]; w [experts, 2 width, columns]; h [count, slots, width], NaN where the expert is not among them. */
export function expertGateUp(
  { x, gain, w, choice }: { x: Rows; gain: Numbers; w: Matrix; choice: readonly (readonly Chosen[])[] },
  { width, eps, firstExpert }: { width: number; eps: number; firstExpert: number },
): Float64Array {
  const n = normedRows({ x, gain }, { count: choice.length, eps });
  const dot = (t: number, row: number) => {
    let sum = 0;
    for (let k = 0; k < w.columns; k++) sum += at(n, t, k) * (w.values[row * w.columns + k] as number);
    return sum;
  };
  return Float64Array.from(
    choice.flatMap((slots, t) =>
      slots.flatMap(({ id, weight }) =>
        Array.from({ length: width }, (_, f) => {
          const expert = id - firstExpert;
          if (expert < 0 || expert >= w.rows / (2 * width)) return NaN;
          return weight * silu(dot(t, expert * 2 * width + f)) * dot(t, (expert * 2 + 1) * width + f);
        }),
      ),
    ),
  );
}
