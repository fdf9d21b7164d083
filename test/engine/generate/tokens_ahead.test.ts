// What a step is told to have taken, when the device begins with it before it is asked for.
import { afterEach, expect, test, vi } from 'vitest';
import { DraftPolicy } from '../../../engine/generate/draft_policy.ts';
import type { Lease } from '../../../engine/generate/prefix_cache.ts';
import { createSampler } from '../../../engine/generate/sampler.ts';
import { TokensAhead } from '../../../engine/generate/tokens_ahead.ts';
import type { StepOptions } from '../../../engine/language_model/language_model.ts';
import type { GenerationStats } from '../../../engine/protocol/chat.ts';

afterEach(() => vi.restoreAllMocks());

/** Steps of two drafts, the first of which is right; time passes as it is told to. */
function setUp({ ahead }: { ahead: boolean }) {
  let now = 1000;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const policy = new DraftPolicy(2, { fixed: 2, ahead });
  const noted = vi.spyOn(policy, 'note');
  const asked: StepOptions[] = [];
  const world = { undisturbed: true, stepMs: 0 };
  const lease = {
    position: 0,
    samples: true,
    get undisturbed() {
      return world.undisturbed;
    },
    step: (_: number, options: StepOptions) => {
      asked.push(options);
      now += world.stepMs;
      const drafts = [5, 6, 7, 8].slice(0, options.drafts);
      return Promise.resolve({ drafts, picks: [5, 9, 9, 9].slice(0, options.drafts + 1) });
    },
    accept: () => undefined,
  } as unknown as Lease;
  const stats = { draftedTokens: 0, acceptedTokens: 0 } as GenerationStats;
  const history = { ids: [1], generatedFrom: 1 };
  const tokens = new TokensAhead(lease, { sampler: createSampler({}) }, policy, stats, history);
  /** The host takes `hostMs` before it asks, and waits `waitMs`. */
  const step = async (hostMs: number, waitMs: number, room = 10): Promise<void> => {
    now += hostMs;
    world.stepMs = waitMs;
    await tokens.step(3, room);
    tokens.hasRead(tokens.next());
  };
  return { tokens, step, asked, world, notes: () => noted.mock.calls };
}

test('a step that was begun ahead took as long as it was since the one before was there', async () => {
  const { step, tokens, notes } = setUp({ ahead: true });
  await step(0, 50);
  await step(4, 6);
  await step(30, 0);
  tokens.takeBack();
  // The first hides nothing: it is no measure.
  expect(notes()).toEqual([
    [2, 1, 10],
    [2, 1, 30],
  ]);
});

test('what another text took in between is not counted', async () => {
  const { step, tokens, world, notes } = setUp({ ahead: true });
  await step(0, 50);
  world.undisturbed = false;
  await step(500, 0);
  world.undisturbed = true;
  await step(4, 6);
  tokens.takeBack();
  expect(notes()).toEqual([[2, 1, 10]]);
});

test('without, a step took as long as the host waited', async () => {
  const { step, tokens, asked, notes } = setUp({ ahead: false });
  await step(3, 50);
  await step(4, 6);
  tokens.takeBack();
  expect(notes()).toEqual([
    [2, 1, 50],
    [2, 1, 6],
  ]);
  expect(asked.map(({ ahead }) => ahead)).toEqual([undefined, undefined]);
});

test('a step is begun with as many drafts as there is room for if all before are right, and asked for as it was begun', async () => {
  const { step, asked } = setUp({ ahead: true });
  for (const room of [4, 3, 2, 1, 0]) await step(0, 1, room);
  expect(asked.map(({ drafts, ahead }) => [drafts, ahead])).toEqual([
    [2, 1],
    [1, 1],
    [1, 0],
    [0, 0],
    [0, undefined],
  ]);
});

test('what was begun is forgotten when the text goes on otherwise', async () => {
  const { step, tokens, asked } = setUp({ ahead: true });
  await step(0, 1);
  tokens.takeBack();
  await step(0, 1, 1);
  expect(asked.map(({ drafts }) => drafts)).toEqual([2, 1]);
});
