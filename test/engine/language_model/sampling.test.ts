// The definition of a draw: known numbers of the generator, exact shares, rules that stay inside f32.
import { expect, test } from 'vitest';
import {
  drawRule,
  partOf,
  penaltyRule,
  randomWord,
  shareOfAll,
  weightOf,
  weightOfLargest,
} from '../../../engine/language_model/sampling.ts';

test('random words are those of Philox2x32-10', () => {
  // Of the known answers of Random123 the ones whose counter has no high word.
  expect(randomWord(0, 0)).toBe(0xff1dae59);
  const words = Array.from({ length: 4000 }, (_, index) => randomWord(1, index));
  expect(new Set(words).size).toBe(4000);
  expect(words).not.toEqual(words.map((_, index) => randomWord(2, index)));
  // Sixteen equal ranges; beyond 37.7 once in a thousand for fifteen degrees of freedom.
  const counts = new Array<number>(16).fill(0);
  for (const word of words) counts[word >>> 28]!++;
  expect(counts.reduce((sum, count) => sum + (count - 250) ** 2 / 250, 0)).toBeLessThan(37.7);
});

test('a part of a weight is exact above 53 bits and below the whole', () => {
  const mass = 248_320 * weightOfLargest;
  expect(partOf(mass, 0)).toBe(0);
  expect(partOf(mass, 0x80000000)).toBe(mass / 2);
  expect(partOf(mass, 0xffffffff)).toBe(mass - 124_160);
  expect(partOf(1, 0xffffffff)).toBe(0);
});

test('what is in reach weighs at least 1, what is not weighs nothing', () => {
  for (const temperature of [1e-300, 1e-30, 0.1, 1, 10, 1e30, 1e300]) {
    const rule = drawRule({ temperature })!;
    expect(weightOf(5, 5, rule)).toBe(weightOfLargest);
    expect(weightOf(-rule.reach, 0, rule)).toBe(1);
    expect(weightOf(-rule.reach * 1.001, 0, rule)).toBe(0);
    for (const number of [rule.inverse, rule.reach]) expect(number).toBe(Math.fround(number));
    expect(weightOf(-Infinity, 0, rule)).toBe(0);
  }
});

test('steps that are off, and the ends of their ranges', () => {
  expect(drawRule({})).toBeUndefined();
  expect(drawRule({ temperature: 0 })).toBeUndefined();
  expect(drawRule({ temperature: 1 })).toMatchObject({ topK: 0, share: shareOfAll, least: 0 });
  expect(drawRule({ temperature: 1, topP: 0, minP: 2 })).toMatchObject({ share: 0, least: weightOfLargest });
  // The fewest that reach a half: more than all that is less than a half.
  expect(drawRule({ temperature: 1, topP: 0.5 })).toMatchObject({ share: 0x7fffffff });
  expect(penaltyRule({ repetitionPenalty: 1, presencePenalty: 0 })).toBeUndefined();
  expect(penaltyRule({ presencePenalty: 0.1 })).toEqual({
    repetition: 1,
    inverse: 1,
    presence: Math.fround(0.1),
  });
});
