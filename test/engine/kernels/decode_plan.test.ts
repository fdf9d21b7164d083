import { expect, test } from 'vitest';
import { defaultVariant, type TunedVariant } from '../../../engine/gpu/device.ts';
import { decodeRule, splitPlan, splitRowsMax, splitRule } from '../../../engine/kernels/decode_plan.ts';

const device = (software: boolean, groupsInFlight = 256) => {
  const variant: TunedVariant = { ...defaultVariant({ software, subgroupLanes: 0 }), groupsInFlight };
  return { software, variant };
};

test.each([1, 127, 128, 129, 4096, 4097, 262_144, 1_010_000])(
  'splits cover %i keys, none is empty, and there are never too many',
  length => {
    for (const rule of [
      { most: 32, unit: 128 },
      { most: 512, unit: 32 },
      { most: 1, unit: 48 },
      { most: 100, unit: 8, least: 256 },
    ]) {
      const { splitKeys, splits } = splitPlan(rule, length);
      expect(splitKeys % rule.unit).toBe(0);
      expect(splits).toBeLessThanOrEqual(rule.most);
      expect(splits * splitKeys).toBeGreaterThanOrEqual(length);
      expect((splits - 1) * splitKeys).toBeLessThan(length);
    }
  },
);

test('pieces are not shorter than they may be, and as even as units allow', () => {
  const rule = { most: 64, unit: 8, least: 256 };
  expect(splitPlan(rule, 300)).toEqual({ splitKeys: 152, splits: 2 });
  expect(splitPlan(rule, 256)).toEqual({ splitKeys: 256, splits: 1 });
  expect(splitPlan(rule, 131_088)).toEqual({ splitKeys: 2056, splits: 64 });
});

test('a GPU gets as many workgroups as keep it busy, whatever the heads, and no more than partial sums have room for', () => {
  const splits = (groupsInFlight: number, groups: number, rows = 1) =>
    splitRule(device(false, groupsInFlight), { rows, groups, unit: 32 }).most;
  expect(splits(512, 2)).toBe(256);
  expect(splits(512, 8)).toBe(64);
  expect(splits(300, 8)).toBe(38);
  expect(splits(4, 8)).toBe(1);
  expect(splits(4096, 2)).toBe(splitRowsMax);
  expect(splits(4096, 2, 5)).toBe(204);
});

test('a software device has 32 splits, whatever is said of workgroups in flight', () => {
  expect(decodeRule(device(true, 4096), { count: 1, heads: 16, kvHeads: 2 })).toEqual({
    most: 32,
    unit: 128,
  });
});
