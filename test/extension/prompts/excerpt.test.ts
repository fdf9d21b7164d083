import { expect, test } from 'vitest';
import { excerptAround } from '../../../extension/prompts/excerpt.ts';

const text = Array.from({ length: 100 }, (_, index) => `line ${index + 1}`).join('\n');

test('a text that fits is whole', () => {
  expect(excerptAround(text, 5, text.length)).toEqual({ text, startLine: 1, endLine: 100, cut: false });
  expect(excerptAround('', 1, 10)).toEqual({ text: '', startLine: 1, endLine: 1, cut: false });
});

test.each([1, 50, 100, 0, 1000])('around line %i whole lines are given, as many as fit', line => {
  const excerpt = excerptAround(text, line, 90);
  const lines = text.split('\n').slice(excerpt.startLine - 1, excerpt.endLine);
  expect(excerpt.text).toBe(lines.join('\n'));
  expect(excerpt.cut).toBe(true);
  expect(excerpt.text.length).toBeLessThanOrEqual(90);
  expect(excerpt.text.length).toBeGreaterThan(70);
  const wanted = Math.min(Math.max(line, 1), 100);
  expect(excerpt.startLine).toBeLessThanOrEqual(wanted);
  expect(excerpt.endLine).toBeGreaterThanOrEqual(wanted);
});

test('a line that is longer than the room is cut', () => {
  expect(excerptAround('x'.repeat(50) + '\ny', 1, 20)).toEqual({
    text: 'x'.repeat(20),
    startLine: 1,
    endLine: 1,
    cut: true,
  });
});
