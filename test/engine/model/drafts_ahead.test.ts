// Steps with drafts that run ahead of the host, as on a GPU: the texts of the simple loop, and the states it leaves, wherever a text ends.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { DraftPolicy } from '../../../engine/generate/draft_policy.ts';
import { generate, type GenerateRequest, type GenerateResult } from '../../../engine/generate/generator.ts';
import { PrefixCache } from '../../../engine/generate/prefix_cache.ts';
import { createSampler } from '../../../engine/generate/sampler.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import type { StepSampling } from '../../../engine/language_model/language_model.ts';
import { rightDrafts } from '../../../engine/model/decode_steps.ts';
import { loadModel, type LoadedModel } from '../../../engine/model/load.ts';
import type { Qwen3NextSequence } from '../../../engine/model/sequence/sequence.ts';
import type { SamplingParams } from '../../../engine/protocol/chat.ts';
import type { TextTokenizer } from '../../../engine/tokenizer/tokenizer.ts';
import { embeddedModelPath, goldenTokenizer } from '../../support/embedded_model.ts';
import { inFullRun } from '../../support/full.ts';

let gpu: Gpu;
let model: LoadedModel;
beforeAll(async () => {
  gpu = await openGpu(inFullRun({ software: false }, {}));
  const checkpoint = await openCheckpoint(embeddedModelPath);
  model = await loadModel(gpu, checkpoint, { mtp: true });
  await checkpoint.close();
});
afterAll(() => {
  model.dispose();
  gpu.dispose();
});

const prompt = goldenTokenizer.prompts.plain.ids;

/** Numbers of drafts, one step after the other, over and over. */
type Pattern = readonly number[];
const patterns: Pattern[] = [[1], [4], [2, 0, 3, 0, 0, 1, 4]];

/** Wants the drafts of a pattern. */
class PatternPolicy extends DraftPolicy {
  #steps = 0;
  constructor(private readonly pattern: Pattern) {
    super(model.draftsMax, { ahead: true });
  }
  override choose(room: number): number {
    return Math.min(room, this.pattern[this.#steps++ % this.pattern.length] as number);
  }
}

/** Texts are lists of ids. */
const tokenizer = {
  thought: undefined,
  isSpecial: () => false,
  decodeBytes: (id: number) => new TextEncoder().encode(`${id} `),
} as unknown as TextTokenizer;
const idsOf = (text: string) => text.split(' ').filter(Boolean).map(Number);

/** Generations one after another on the same sequence; without a pattern by the simple loop. */
function setUp(pattern?: Pattern) {
  const cache = new PrefixCache(model);
  const run = async (
    params: SamplingParams,
    change: Partial<GenerateRequest> = {},
  ): Promise<GenerateResult> => {
    const steps = generate(
      {
        cache,
        tokenizer,
        drafts: pattern ? new PatternPolicy(pattern) : new DraftPolicy(0),
        contextTokensMax: model.contextTokensMax,
        batchTokensMax: model.batchTokensMax,
      },
      {
        purpose: 'chat',
        ids: prompt,
        snapshotsAt: [],
        maxTokens: 30,
        sampler: createSampler(params),
        stopIds: new Set(),
        stopStrings: [],
        allowRepetition: true,
        signal: new AbortController().signal,
        ...change,
      },
    );
    for (;;) {
      const { done, value } = await steps.next();
      if (done) return value;
    }
  };
  return { run, free: () => cache.dispose() };
}

/** What the sequence has come to, bit by bit: the logits of what is read next, few tokens and many. */
async function bitsAfter(sequence: Qwen3NextSequence): Promise<number[][]> {
  const few = await model.forward(sequence, [3, 4], 'last');
  const many = await model.forward(sequence, prompt, 'last');
  return [few, many].map(logits => [...new Uint32Array(logits.buffer)]);
}

const ways: { name: string; params: SamplingParams }[] = [
  { name: 'greedy', params: {} },
  { name: 'drawn', params: { temperature: 0.6, topK: 20, topP: 0.95, seed: 4 } },
  {
    name: 'drawn with penalties',
    params: { temperature: 0.7, topP: 0.95, repetitionPenalty: 1.05, presencePenalty: 0.2, seed: 9 },
  },
];

describe.each(ways)('$name', ({ params }) => {
  test.each(patterns)(
    'a long text with drafts as in %j, %j, … is that of the simple loop',
    async (...pattern) => {
      const [simple, ahead] = [setUp(), setUp(pattern)];
      const plain = await simple.run(params, { maxTokens: 320 });
      const drafted = await ahead.run(params, { maxTokens: 320 });
      expect(idsOf(plain.text).length).toBe(320);
      expect(drafted.text).toBe(plain.text);
      expect(drafted.stats.acceptedTokens, 'some drafts are right').toBeGreaterThan(20);
      expect(drafted.stats.acceptedTokens, 'some are wrong').toBeLessThan(drafted.stats.draftedTokens);
      simple.free();
      ahead.free();
    },
  );
});

/** Walks with drafts that run ahead, and stops as soon as `length` ids are read; wherever in a step that is. */
async function walk(
  sequence: Qwen3NextSequence,
  params: SamplingParams,
  { length, pattern }: { length: number; pattern: Pattern | undefined },
): Promise<{ ids: number[]; next: number }> {
  const { rule } = createSampler(params);
  const ids = [...prompt];
  const history: StepSampling['history'] = { ids, generatedFrom: prompt.length };
  const sampling = rule.draw || rule.penalties ? { rule, history } : undefined;
  let next = 11;
  const draftsOf = (step: number) => pattern?.[step % pattern.length] ?? 0;
  for (let n = 0; ; n++) {
    ids.push(next);
    const step = await model.step(sequence, next, {
      drafts: draftsOf(n),
      logits: false,
      ahead: pattern && draftsOf(n + 1),
      sampling,
    });
    const kept = Math.min(rightDrafts(step), prompt.length + length - ids.length);
    sequence.takeBack(step.drafts.length - kept);
    ids.push(...step.picks.slice(0, kept));
    next = step.picks[kept] as number;
    if (ids.length === prompt.length + length) return { ids, next };
  }
}

describe.each(ways)('$name', ({ params }) => {
  test('wherever a text ends among its drafts, it leaves the very bits of the simple loop', async () => {
    const [simple, ahead] = [await model.createSequence(), await model.createSequence()];
    await model.forward(simple, prompt, 'none');
    await model.forward(ahead, prompt, 'none');
    const start = [(await simple.takeSnapshot())!, (await ahead.takeSnapshot())!];
    for (let length = 1; length <= inFullRun(40, 20); length++) {
      const pattern = patterns[length % patterns.length];
      simple.restore(start[0]!);
      ahead.restore(start[1]!);
      const want = await walk(simple, params, { length, pattern: undefined });
      expect(await walk(ahead, params, { length, pattern })).toEqual(want);
      expect(ahead.position).toBe(simple.position);
      expect(await bitsAfter(ahead), `after ${length} tokens`).toEqual(await bitsAfter(simple));
    }
    for (const snapshot of start) snapshot.dispose();
    simple.dispose();
    ahead.dispose();
  });
});
