// Sampling: order of the steps, greedy ties, seeds, and the distribution against a plain reference.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { largest } from '../../../engine/generate/largest.ts';
import { argmax, createSampler } from '../../../engine/generate/sampler.ts';
import type { SamplingParams } from '../../../engine/protocol/chat.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';

const none = { ids: [], generatedFrom: 0 };
const logitsOf = (...values: number[]) => Float32Array.from(values);

/** `count` ids drawn one after another from the same logits, as one text draws them. */
function draws(params: SamplingParams, logits: ArrayLike<number>, count: number): number[] {
  const sampler = createSampler(params);
  const history = { ids: [] as number[], generatedFrom: 0 };
  while (history.ids.length < count) history.ids.push(sampler.sample(Float32Array.from(logits), history));
  return history.ids;
}

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
  const all = new Set(kept);
  return logits.map((_, i) => (all.has(i) ? weight(i) / left : 0));
}

test.each<SamplingParams>([
  { temperature: 1 },
  { temperature: 0.5, topK: 3 },
  { temperature: 1.3, topP: 0.7 },
  { temperature: 1, minP: 0.2 },
  { temperature: 0.8, topK: 5, topP: 0.9, minP: 0.05 },
])('draws from the distribution of %j', params => {
  const logits = [1.2, 0.3, -0.5, 2.1, 1.9, 0.3, -3, 0];
  const counts = logits.map(() => 0);
  const count = 20_000;
  for (const id of draws({ ...params, seed: 11 }, logits, count)) counts[id]!++;
  const want = reference(logits, params);
  // Five standard deviations of a binomial; zero probability must never be drawn.
  for (const [i, p] of want.entries())
    expect(Math.abs(counts[i]! / count - p)).toBeLessThanOrEqual(5 * Math.sqrt((p * (1 - p)) / count));
});

test.each([
  [0.39, [0]],
  [0.41, [0, 1]],
  [0.69, [0, 1]],
  [0.71, [0, 1, 2]],
  [0.89, [0, 1, 2]],
  [0.91, [0, 1, 2, 3]],
  [0, [0]],
] as const)('top-p %d keeps the fewest that reach it', (topP, kept) => {
  const logits = [0.4, 0.3, 0.2, 0.1].map(Math.log);
  const drawn = new Set(draws({ temperature: 1, topP, seed: 4 }, logits, 300));
  expect([...drawn].sort()).toEqual(kept);
});

test('a large vocabulary with a small top-k keeps exactly the largest', () => {
  const logits = Float32Array.from({ length: 5000 }, (_, i) => ((i * 7919) % 5000) / 100);
  const largest = new Set([...logits.keys()].sort((a, b) => logits[b]! - logits[a]!).slice(0, 20));
  const drawn = new Set(draws({ temperature: 50, topK: 20, seed: 3 }, logits, 2000));
  expect(drawn).toEqual(largest);
});

test('temperature 0 is greedy and a tie goes to the lower id', () => {
  expect(createSampler({ temperature: 0 }).sample(logitsOf(1, 5, 5, 2), none)).toBe(1);
  expect(argmax(logitsOf(-3, -2, -2))).toBe(1);
});

test('one seed gives one sequence, another seed another', () => {
  const run = (seed: number) => draws({ temperature: 1, seed }, [1, 1, 1, 1], 50);
  expect(run(1)).toEqual(run(1));
  expect(run(1)).not.toEqual(run(2));
});

test('the repetition penalty divides positive and multiplies negative logits, prompt included', () => {
  const sampler = createSampler({ temperature: 0, repetitionPenalty: 2 });
  expect(sampler.sample(logitsOf(3, 2, -1), { ids: [0, 2, 2], generatedFrom: 3 })).toBe(1);
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
    (await hearthErrorOf(() => createSampler({ temperature }).sample(logitsOf(NaN, NaN), none))).code,
  ).toBe('badWeights');
});

test.each([0, 1])(
  'one NaN among numbers is an error at temperature %i, as is a row without any number',
  async temperature => {
    for (const row of [
      logitsOf(1, NaN, 0),
      logitsOf(NaN, 1),
      logitsOf(-Infinity, -Infinity),
      logitsOf(1, Infinity),
    ])
      expect((await hearthErrorOf(() => createSampler({ temperature }).sample(row, none))).code).toBe(
        'badWeights',
      );
  },
);

test.each<SamplingParams>([{}, { topK: 3 }, { topP: 0.99 }, { topK: 2000, topP: 0.9 }, { minP: 0.001 }])(
  'ids ruled out by -Infinity are never drawn with %j',
  params => {
    const logits = Float32Array.from({ length: 3000 }, (_, i) => (i % 1000 === 7 ? 1 : -Infinity));
    const drawn = new Set(draws({ temperature: 5, seed: 2, ...params }, logits, 200));
    expect([...drawn].sort((a, b) => a - b)).toEqual([7, 1007, 2007]);
  },
);

/** A vocabulary as large as a real one, most of it far down. */
const wide = Float32Array.from(
  { length: 151_936 },
  (_, i) => Math.sin(i * 12.9898) * 6 + (i % 5003 === 0 ? 8 : 0),
);

test.each<SamplingParams>([
  { temperature: 0.7, topK: 20, topP: 0.8 },
  { temperature: 0.7, topP: 0.8 },
  { temperature: 1, topP: 0.3, minP: 0.1 },
  { temperature: 0.3, minP: 0.3 },
])('over a whole vocabulary only what the definition keeps is drawn, with %j', params => {
  const kept = reference(Array.from(wide), params);
  for (const id of draws({ ...params, seed: 5 }, wide, 30)) expect(kept[id]).toBeGreaterThan(0);
});

test.each([1e-30, 1e-8, 1e8])('temperature %d draws without breaking', temperature => {
  const sampler = createSampler({ temperature, topP: 0.9, seed: 1 });
  const id = sampler.sample(logitsOf(1, 2, 3), none);
  if (temperature < 1) expect(id).toBe(2);
  else expect([0, 1, 2]).toContain(id);
});

test('penalties follow a history that grows from call to call', () => {
  const sampler = createSampler({ temperature: 0, presencePenalty: 1 });
  const history = { ids: [0], generatedFrom: 1 };
  const picked = Array.from({ length: 4 }, () => {
    const id = sampler.sample(logitsOf(3, 2.6, 2.4), history);
    history.ids.push(id);
    return id;
  });
  expect(picked).toEqual([0, 1, 2, 0]);
});

test('the largest few are those of a full sort, ties by lower index', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(-Infinity, -2, 0, 0.5, 1, 7, Infinity), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 60 }),
      (values, count) => {
        const order = [...values.keys()].sort((a, b) =>
          values[a]! === values[b]! ? a - b : values[b]! > values[a]! ? 1 : -1,
        );
        expect(largest(Float32Array.from(values), count)).toEqual(order.slice(0, count));
      },
    ),
    { numRuns: 500 },
  );
});
