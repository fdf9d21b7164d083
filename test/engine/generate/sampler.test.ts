// Sampling: order of the steps, greedy ties, seeds, and the distribution against a plain reference.
import { expect, test } from 'vitest';
import { argmax, createSampler } from '../../../engine/generate/sampler.ts';
import type { SamplingParams } from '../../../engine/protocol/chat.ts';
import { engineErrorOf } from '../../support/engine_error.ts';

const none = { ids: [], generatedFrom: 0 };
const logitsOf = (...values: number[]) => Float32Array.from(values);

/** Probabilities by the definition, with full sorts. */
function reference(
  logits: number[],
  { temperature = 1, topK = 0, topP = 1, minP = 0 }: SamplingParams,
): number[] {
  const order = logits.map((_, i) => i).sort((a, b) => logits[b]! - logits[a]! || a - b);
  let kept = topK > 0 ? order.slice(0, topK) : order;
  const weight = (i: number) => Math.exp((logits[i]! - logits[order[0]!]!) / temperature);
  const total = kept.reduce((sum, i) => sum + weight(i), 0);
  if (topP < 1) {
    let sum = 0;
    kept = kept.filter(i => {
      const take = sum < topP * total;
      sum += weight(i);
      return take;
    });
  }
  kept = kept.filter(i => weight(i) >= minP);
  const left = kept.reduce((sum, i) => sum + weight(i), 0);
  return logits.map((_, i) => (kept.includes(i) ? weight(i) / left : 0));
}

test.each<SamplingParams>([
  { temperature: 1 },
  { temperature: 0.5, topK: 3 },
  { temperature: 1.3, topP: 0.7 },
  { temperature: 1, minP: 0.2 },
  { temperature: 0.8, topK: 5, topP: 0.9, minP: 0.05 },
])('draws from the distribution of %j', params => {
  const logits = [1.2, 0.3, -0.5, 2.1, 1.9, 0.3, -3, 0];
  const sampler = createSampler({ ...params, seed: 11 });
  const counts = logits.map(() => 0);
  const draws = 20_000;
  for (let i = 0; i < draws; i++) counts[sampler.sample(Float32Array.from(logits), none)]!++;
  const want = reference(logits, params);
  // Five standard deviations of a binomial; zero probability must never be drawn.
  for (const [i, p] of want.entries())
    expect(Math.abs(counts[i]! / draws - p)).toBeLessThanOrEqual(5 * Math.sqrt((p * (1 - p)) / draws));
});

test('a large vocabulary with a small top-k keeps exactly the largest', () => {
  const logits = Float32Array.from({ length: 5000 }, (_, i) => ((i * 7919) % 5000) / 100);
  const largest = new Set([...logits.keys()].sort((a, b) => logits[b]! - logits[a]!).slice(0, 20));
  const sampler = createSampler({ temperature: 50, topK: 20, seed: 3 });
  const drawn = new Set(Array.from({ length: 2000 }, () => sampler.sample(logits.slice(), none)));
  expect(drawn).toEqual(largest);
});

test('temperature 0 is greedy and a tie goes to the lower id', () => {
  expect(createSampler({ temperature: 0 }).sample(logitsOf(1, 5, 5, 2), none)).toBe(1);
  expect(argmax(logitsOf(-3, -2, -2))).toBe(1);
});

test('one seed gives one sequence, another seed another', () => {
  const run = (seed: number) => {
    const sampler = createSampler({ temperature: 1, seed });
    return Array.from({ length: 50 }, () => sampler.sample(logitsOf(1, 1, 1, 1), none));
  };
  expect(run(1)).toEqual(run(1));
  expect(run(1)).not.toEqual(run(2));
});

test('the repetition penalty divides positive and multiplies negative logits, prompt included', () => {
  const sampler = createSampler({ temperature: 0, repetitionPenalty: 2 });
  expect(sampler.sample(logitsOf(3, 2, -1), { ids: [0], generatedFrom: 1 })).toBe(1);
  const logits = logitsOf(-1, -1.5, -9);
  expect(sampler.sample(logits, { ids: [0, 0], generatedFrom: 2 })).toBe(1);
  expect(logits[0]).toBe(-2);
});

test('the presence penalty counts generated tokens only, once each', () => {
  const sampler = createSampler({ temperature: 0, presencePenalty: 1 });
  expect(sampler.sample(logitsOf(3, 2.5), { ids: [0], generatedFrom: 1 })).toBe(0);
  expect(sampler.sample(logitsOf(3, 2.5), { ids: [0, 0], generatedFrom: 0 })).toBe(1);
});

test.each([0, 1])('NaN logits are an error at temperature %i', async temperature => {
  expect(
    (await engineErrorOf(() => createSampler({ temperature }).sample(logitsOf(NaN, NaN), none))).code,
  ).toBe('badWeights');
});
