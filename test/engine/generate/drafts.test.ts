// Drafting changes neither the text nor what is kept of it: a fake model with guesses of every quality.
import { describe, expect, test } from 'vitest';
import { DraftPolicy } from '../../../engine/generate/draft_policy.ts';
import { generate, type GenerateRequest, type GenerateResult } from '../../../engine/generate/generator.ts';
import { PrefixCache } from '../../../engine/generate/prefix_cache.ts';
import { createSampler } from '../../../engine/generate/sampler.ts';
import type { TextTokenizer } from '../../../engine/tokenizer/tokenizer.ts';
import { FakeModel, type FakeModelOptions } from '../../fakes/fake_model.ts';

/** Every id is one printable character. */
const tokenizer = {
  thought: undefined,
  isSpecial: () => false,
  decodeBytes: (id: number) => Uint8Array.of(48 + id),
} as unknown as TextTokenizer;

const prompt = [5, 6, 7, 8];

function setUp(options: FakeModelOptions, drafts: number, ahead = false) {
  const model = new FakeModel({ vocabularySize: 40, ...options });
  const cache = new PrefixCache(model);
  const run = async (change: Partial<GenerateRequest> = {}): Promise<GenerateResult> => {
    const steps = generate(
      {
        cache,
        tokenizer,
        drafts: new DraftPolicy(model.draftsMax, { fixed: drafts, ahead }),
        contextTokensMax: model.contextTokensMax,
      },
      {
        purpose: 'chat',
        ids: prompt,
        snapshotsAt: [],
        maxTokens: 30,
        sampler: createSampler({}),
        stopIds: new Set(),
        stopStrings: [],
        signal: new AbortController().signal,
        ...change,
      },
    );
    const takenBack = model.stepsTakenBack;
    for (;;) {
      const { done, value } = await steps.next();
      if (!done) continue;
      // Within a text what was begun is what is asked for.
      expect(model.stepsTakenBack).toBe(takenBack);
      return value;
    }
  };
  return { model, cache, run };
}

const quality: [string, FakeModelOptions['guess']][] = [
  ['right now and then', undefined],
  ['always wrong', (_, right) => (right + 1) % 40],
];

const steps = [1, 2, 3, 4].flatMap(drafts => [false, true].map(ahead => ({ drafts, ahead })));
describe.each(steps)('with $drafts drafts a step, begun ahead: $ahead', ({ drafts, ahead }) => {
  describe.each(quality)('guesses that are %s', (_, guess) => {
    const options = { draftsMax: 4, ...(guess ? { guess } : {}) };

    test.each([
      { name: 'greedy', sampling: {} },
      { name: 'sampled', sampling: { temperature: 1, seed: 11 } },
      { name: 'penalised', sampling: { temperature: 0.7, seed: 3, repetitionPenalty: 1.3 } },
      { name: 'sampled by logits', sampling: { temperature: 1, seed: 11 }, samples: false },
      { name: 'penalised by logits', sampling: { repetitionPenalty: 1.3 }, samples: false },
    ])('the text is the one without drafts: $name', async ({ sampling, samples = true }) => {
      const plain = await setUp(options, 0).run({ sampler: createSampler(sampling) });
      const drafted = await setUp({ ...options, samples }, drafts, ahead).run({
        sampler: createSampler(sampling),
      });
      expect(drafted.text).toBe(plain.text);
      expect(drafted.finishReason).toBe(plain.finishReason);
      expect(drafted.stats.generatedTokens).toBe(plain.stats.generatedTokens);
      expect(drafted.stats.draftedTokens).toBeGreaterThan(0);
      if (guess) expect(drafted.stats.acceptedTokens).toBe(0);
      else expect(drafted.stats.acceptedTokens).toBeGreaterThan(0);
    });

    test('a stop inside a step leaves what was said, and the next turn goes on from there', async () => {
      const plain = await setUp(options, 0).run();
      for (let end = 3; end < 9; end++) {
        const stop = plain.text.charCodeAt(end) - 48;
        const at = plain.text.indexOf(String.fromCharCode(48 + stop));
        const { run } = setUp(options, drafts, ahead);
        const stopped = await run({ stopIds: new Set([stop]) });
        expect(stopped.text).toBe(plain.text.slice(0, at));
        expect(stopped.finishReason).toBe('stop');
        const said = [...stopped.text].map(char => char.charCodeAt(0) - 48);
        // Another token than the model's own follows: nothing that was only drafted may be taken for read.
        const next = await run({ ids: [...prompt, ...said, 1, 2], maxTokens: 5 });
        const fresh = await setUp(options, 0).run({ ids: [...prompt, ...said, 1, 2], maxTokens: 5 });
        expect(next.text).toBe(fresh.text);
        expect(next.stats.reusedTokens, 'what was read is not read again').toBeGreaterThanOrEqual(
          Math.min(prompt.length + said.length - 1, prompt.length),
        );
      }
    });

    test('an endless answer ends inside a step, and the next turn goes on from what was said', async () => {
      const song = [1, 2, 3, 4, 9];
      const singing = {
        ...options,
        contextTokensMax: 1000,
        next: (ids: readonly number[]) => song[ids.length % 5]!,
      };
      const plain = await setUp(singing, 0).run({ maxTokens: 900 });
      const { run, model } = setUp(singing, drafts, ahead);
      const drafted = await run({ maxTokens: 900 });
      expect([drafted.text, drafted.finishReason]).toEqual([plain.text, 'repetition']);
      expect(drafted.text).toHaveLength(512);
      expect(drafted.stats.generatedTokens).toBe(512);
      const said = [...drafted.text].map(char => char.charCodeAt(0) - 48);
      const ids = [...prompt, ...said, 11, 12];
      const next = await run({ ids, maxTokens: 1 });
      expect(next.stats.reusedTokens).toBeGreaterThanOrEqual(prompt.length + said.length - 1);
      expect(next.text.charCodeAt(0) - 48).toBe(song[ids.length % 5]);
      expect(model.liveSequences.size).toBe(1);
    });

    test('the end of the context and the most tokens cut inside a step', async () => {
      for (const change of [{ contextTokensMax: 17 }, {}]) {
        const plain = await setUp({ ...options, ...change }, 0).run({ maxTokens: 25 });
        const drafted = await setUp({ ...options, ...change }, drafts, ahead).run({ maxTokens: 25 });
        expect([drafted.text, drafted.finishReason]).toEqual([plain.text, plain.finishReason]);
      }
    });
  });
});

test('sampled texts have the distribution they have without drafts', async () => {
  // Two tokens, with probabilities known from the logits; guesses that are right half the time.
  const counts = [0, 0, 0, 0];
  const runs = 2000;
  const options = { vocabularySize: 4, draftsMax: 2 };
  const model = new FakeModel(options);
  const share = (ids: readonly number[]) => {
    const weights = [...model.expected(ids)].map(Math.exp);
    const total = weights.reduce((a, b) => a + b, 0);
    return weights.map(weight => weight / total);
  };
  const { run } = setUp(options, 2);
  for (let seed = 0; seed < runs; seed++) {
    const { text } = await run({
      ids: [1, 2, 3],
      maxTokens: 2,
      sampler: createSampler({ temperature: 1, seed }),
    });
    counts[text.charCodeAt(1) - 48]!++;
  }
  const first = share([1, 2, 3]);
  const wanted = [0, 1, 2, 3].map(second =>
    first.reduce((sum, p, id) => sum + p * (share([1, 2, 3, id])[second] as number), 0),
  );
  const chiSquare = wanted.reduce(
    (sum, p, id) => sum + ((counts[id] as number) - runs * p) ** 2 / (runs * p),
    0,
  );
  // Three degrees of freedom: beyond 16.3 once in a thousand; the seeds are fixed.
  expect(chiSquare).toBeLessThan(16.3);
});
