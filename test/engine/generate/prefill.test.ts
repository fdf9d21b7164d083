// How a prompt is cut into batches, and what becomes of one that ends in the middle of a batch.
import { expect, test } from 'vitest';
import { DraftPolicy } from '../../../engine/generate/draft_policy.ts';
import { generate, type GenerateRequest } from '../../../engine/generate/generator.ts';
import { PrefixCache } from '../../../engine/generate/prefix_cache.ts';
import { createSampler } from '../../../engine/generate/sampler.ts';
import { limits } from '../../../engine/protocol/limits.ts';
import type { TextTokenizer } from '../../../engine/tokenizer/tokenizer.ts';
import { FakeModel, type FakeModelOptions } from '../../fakes/fake_model.ts';

const tokenizer = {
  thought: undefined,
  isSpecial: () => false,
  decodeBytes: (id: number) => Uint8Array.of(48 + id),
} as unknown as TextTokenizer;

function setUp(options: FakeModelOptions) {
  const model = new FakeModel({ vocabularySize: 40, contextTokensMax: 40_000, ...options });
  const cache = new PrefixCache(model);
  const steps = (change: Pick<GenerateRequest, 'ids'> & Partial<GenerateRequest>) =>
    generate(
      { cache, tokenizer, drafts: new DraftPolicy(0), contextTokensMax: model.contextTokensMax },
      {
        purpose: 'chat',
        snapshotsAt: [],
        maxTokens: 0,
        sampler: createSampler({}),
        stopIds: new Set(),
        stopStrings: [],
        signal: new AbortController().signal,
        ...change,
      },
    );
  return { model, cache, steps };
}

const promptOf = (length: number) => Array.from({ length }, (_, i) => i % 40);

async function run<T>(steps: AsyncGenerator<void, T>): Promise<T> {
  for (;;) {
    const { done, value } = await steps.next();
    if (done) return value;
  }
}

test('batches are as large as the model likes, and end where a state is worth keeping: every 1,024 tokens near the end', async () => {
  const { model, cache, steps } = setUp({ batchTokensMax: 2048 });
  await run(steps({ ids: promptOf(21_000), snapshotsAt: [20_500, 700, 21_000, 30_000] }));
  const near = new Array<number>(14).fill(1024);
  expect(model.batches).toEqual([700, 1348, 2048, 2048, ...near, 20_500 - 20_480, 500]);
  // At all of these places one was kept; there are as many as a text may have.
  expect(cache.snapshotBytes).toBe(limits.snapshotsPerSequenceMax * model.snapshotBytes);
});

test('far from the end of a prompt a state is kept every 2,048 tokens, however short the batches are', async () => {
  const { model, steps } = setUp({ batchTokensMax: 512 });
  await run(steps({ ids: promptOf(18_500) }));
  expect(new Set(model.batches.slice(0, -1))).toEqual(new Set([512]));
  // One at 2,048, which is more than 16,384 before the end, then every 1,024: thinned where there are more than a text may have.
  expect(model.snapshotsTaken.slice(0, 3)).toEqual([2048, 3072, 4096]);
});

test('a short prompt has batches of whatever length', async () => {
  const { model, steps } = setUp({ batchTokensMax: 512 });
  await run(steps({ ids: promptOf(1200) }));
  expect(model.batches).toEqual([512, 512, 176]);
});

test('a cancellation between the parts of a batch reads nothing more, and what was read before is there', async () => {
  const { model, cache, steps } = setUp({ batchTokensMax: 100 });
  model.partsMax = 5;
  const abort = new AbortController();
  const told: number[] = [];
  const onPrefill = (done: number): number => told.push(done);
  const running = steps({ ids: promptOf(300), signal: abort.signal, onPrefill, maxTokens: 3 });
  // Four yields within the first batch, one after it, two within the second.
  for (let step = 0; step < 7; step++) expect((await running.next()).done).toBe(false);
  abort.abort('superseded');
  const { done, value } = await running.next();
  expect(done && value.finishReason).toBe('superseded');
  expect([model.batches, told]).toEqual([[100], [100]]);
  expect(cache.reusableTokens(promptOf(300), 'chat')).toBe(100);
  const { stats } = await run(steps({ ids: promptOf(300), maxTokens: 1 }));
  expect(stats.reusedTokens).toBe(100);
});
