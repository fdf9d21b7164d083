import { expect, test } from 'vitest';
import { flopsPerToken } from './growth_figures.ts';
import { modelShapes } from './model_shapes.ts';

test('operations grow with the context by attention alone, 10.7 times as fast in the control', () => {
  const slope = (name: 'hybrid' | 'attention') =>
    (flopsPerToken(modelShapes[name], 2000) - flopsPerToken(modelShapes[name], 1000)) / 1000;
  expect(slope('hybrid')).toBe(4 * 3 * 4 * 64);
  expect(slope('attention')).toBe(4 * 16 * 16 * 32);
  expect(slope('attention') / slope('hybrid')).toBeCloseTo(10.67, 2);
});

test('at no context both do nearly the same, the delta rule is the difference', () => {
  const { hybrid, attention } = modelShapes;
  const delta = 7 * 9 * 4 * 64 * 64;
  expect((flopsPerToken(hybrid, 0) - delta) / flopsPerToken(attention, 0)).toBeCloseTo(1, 2);
});
