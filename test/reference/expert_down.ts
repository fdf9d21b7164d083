// Reference of expert_down (docs/MODEL.md 7.2): y[t] += sum over the slots of down_e h[t, s], e the slot's expert.
import type { Chosen } from './expert_gate_up.ts';
import type { Matrix } from './matmul_vec.ts';
import { at, type Numbers, type Rows } from './rows.ts';

/** hidden [count, slots, w.columns] with the weights applied; w [experts, outputs, columns]; y afterwards, [count, outputs]. */
export function expertDown(
  { hidden, w, choice, y }: { hidden: Numbers; w: Matrix; choice: readonly (readonly Chosen[])[]; y: Rows },
  { outputs, firstExpert }: { outputs: number; firstExpert: number },
): Float64Array {
  return Float64Array.from(
    choice.flatMap((slots, t) =>
      Array.from({ length: outputs }, (_, m) => {
        let sum = at(y, t, m);
        for (const [s, { id }] of slots.entries()) {
          const expert = id - firstExpert;
          if (expert < 0 || expert >= w.rows / outputs) continue;
          for (let f = 0; f < w.columns; f++)
            sum +=
              (hidden[(t * slots.length + s) * w.columns + f] as number) *
              (w.values[(expert * outputs + m) * w.columns + f] as number);
        }
        return sum;
      }),
    ),
  );
}
