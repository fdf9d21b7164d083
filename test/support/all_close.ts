// Comparison of device results with references in double precision. All tolerances live here, each with its reason.
import { expect } from 'vitest';

/** A value may differ by absolute + relative * |wanted|. */
export interface Tolerance {
  absolute: number;
  relative: number;
  reason: string;
}

export const tolerances = {
  exact: { absolute: 0, relative: 0, reason: 'values are copied, not computed' },
  elementwise: {
    absolute: 1e-6,
    relative: 2e-6,
    reason: 'a few f32 operations and an exp, of values near 1',
  },
  decode: { absolute: 3e-7, relative: 3e-7, reason: 'up to three f32 products; a minimum may cancel' },
  sum: {
    absolute: 1e-5,
    relative: 5e-6,
    reason: 'f32 sums of up to a few hundred products; partial sums stay near 1',
  },
  dot: {
    absolute: 4e-5,
    relative: 5e-6,
    reason: 'f32 sums of hundreds of products of values near 1; partial sums reach tens and may cancel',
  },
  halves: {
    absolute: 5e-2,
    relative: 1e-3,
    reason: 'f32 sums of up to thousands of products of weights and activations that were rounded to 11 bits',
  },
  codes: {
    absolute: 1e-3,
    relative: 1e-5,
    reason:
      'sums of up to thousands of products of activations that were rounded to 2^-16 of the largest of 32',
  },
  recurrence: {
    absolute: 2e-5,
    relative: 1e-5,
    reason: 'rounding is fed back through the state over hundreds of rows',
  },
} as const satisfies Record<string, Tolerance>;

/** Every value within the tolerance of the wanted one; NaN only where NaN is wanted (poison nobody may overwrite). */
export function expectClose(
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  { absolute, relative, reason }: Tolerance,
  name = 'value',
): void {
  expect(got.length, `${name}: length`).toBe(want.length);
  let worst = -1;
  let worstExcess = 1;
  for (let i = 0; i < want.length; i++) {
    const g = got[i] as number;
    const w = want[i] as number;
    if (Object.is(g, w) || g === w) continue;
    const excess = Math.abs(g - w) / (absolute + relative * Math.abs(w));
    // A NaN on one side only is the worst there is.
    if (!(excess <= worstExcess)) {
      worst = i;
      worstExcess = Number.isNaN(excess) ? Infinity : excess;
    }
  }
  if (worst >= 0)
    expect.fail(
      `${name}[${worst}]: got ${got[worst]}, want ${want[worst]}, ` +
        `${worstExcess.toPrecision(3)} times the tolerance ${absolute} + ${relative} * |want| (${reason})`,
    );
}
