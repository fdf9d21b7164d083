import { expect, test } from 'vitest';
import { splitCountMax, splitPlan } from '../../../engine/kernels/decode_plan.ts';

test.each([1, 127, 128, 129, 4096, 4097, 262_144, 1_010_000])(
  'splits cover %i keys, none is empty, and there are never too many',
  length => {
    const { splitKeys, splits } = splitPlan(length);
    expect(splits).toBeLessThanOrEqual(splitCountMax);
    expect(splits * splitKeys).toBeGreaterThanOrEqual(length);
    expect((splits - 1) * splitKeys).toBeLessThan(length);
  },
);
