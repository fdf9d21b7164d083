import { expect, test } from 'vitest';
import { nearestPath } from '../../../extension/paths/nearest.ts';

const files = [
  'README.md',
  'docs/opening_hours.md',
  'src/a/index.ts',
  'src/b/index.ts',
  'src/order.ts',
  'src/prices.ts',
  'tools/report.py',
];

test.each([
  ['src/ordr.ts', 'src/order.ts'],
  ['src/orders.ts', 'src/order.ts'],
  ['lib/order.ts', 'src/order.ts'],
  ['src\\Order.ts', 'src/order.ts'],
  ['src/b/indx.ts', 'src/b/index.ts'],
  ['opening_hours.md', 'docs/opening_hours.md'],
  ['openhours.md', 'docs/opening_hours.md'],
  ['src/nope/missing.ts', undefined],
  ['x.ts', undefined],
])('the nearest to %s is %s', (written, nearest) => {
  expect(nearestPath(written, files)).toBe(nearest);
});
