import { expect, test } from 'vitest';
import { fitLine, median, range, spread } from '../../../scripts/bench/statistics.mjs';

test('the median is the middle value, or the mean of the middle two', () => {
  expect(median([5, 1, 100])).toBe(5);
  expect(median([4, 1, 100, 2])).toBe(3);
  expect(median([7])).toBe(7);
});

test('a range is the smallest and the largest, its spread a share of the median', () => {
  expect(range([3, 1, 2])).toEqual([1, 3]);
  expect(spread([9, 11], 10)).toBeCloseTo(0.2);
  expect(spread([0, 0], 0)).toBe(0);
});

test('points on a line give the line back and all of their variance', () => {
  const fit = fitLine([1, 2, 5].map(x => [x, 3 + 2 * x]));
  expect(fit.a).toBeCloseTo(3);
  expect(fit.b).toBeCloseTo(2);
  expect(fit.r2).toBeCloseTo(1);
});

test('scattered points give the least squares line and less than all of the variance', () => {
  const fit = fitLine([
    [0, 0],
    [1, 2],
    [2, 1],
  ]);
  expect(fit.b).toBeCloseTo(0.5);
  expect(fit.a).toBeCloseTo(0.5);
  expect(fit.r2).toBeCloseTo(0.25);
});

test('points above each other have no slope', () => {
  expect(
    fitLine([
      [2, 1],
      [2, 3],
    ]),
  ).toEqual({ a: 2, b: 0, r2: 1 });
});
