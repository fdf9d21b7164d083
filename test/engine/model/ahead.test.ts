// Reading ahead of the host, as on a GPU: the texts of the simple loop, drawn or not, and no trace of a pick that ended one.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { DraftPolicy } from '../../../engine/generate/draft_policy.ts';
import { generate, type GenerateRequest, type GenerateResult } from '../../../engine/generate/generator.ts';
import { PrefixCache } from '../../../engine/generate/prefix_cache.ts';
import { createSampler } from '../../../engine/generate/sampler.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { loadModel, type LoadedModel } from '../../../engine/model/load.ts';
import type { SamplingParams } from '../../../engine/protocol/chat.ts';
import type { TextTokenizer } from '../../../engine/tokenizer/tokenizer.ts';
import { inFullRun } from '../../support/full.ts';
import { embeddedModelPath, goldenTokenizer } from '../../support/embedded_model.ts';

let gpu: Gpu;
let model: LoadedModel;
beforeAll(async () => {
  gpu = await openGpu(inFullRun({ software: false }, {}));
  const checkpoint = await openCheckpoint(embeddedModelPath);
  model = await loadModel(gpu, checkpoint);
  await checkpoint.close();
});
afterAll(() => {
  model.dispose();
  gpu.dispose();
});

/** Texts are lists of ids. */
const tokenizer = {
  thought: undefined,
  isSpecial: () => false,
  decodeBytes: (id: number) => new TextEncoder().encode(`${id} `),
} as unknown as TextTokenizer;
const idsOf = (text: string) => text.split(' ').filter(Boolean).map(Number);

const prompt = goldenTokenizer.prompts.plain.ids;

/** Generations one after another on the same sequence. */
function setUp(ahead: boolean) {
  const cache = new PrefixCache(model);
  const run = async (
    params: SamplingParams,
    change: Partial<GenerateRequest> = {},
  ): Promise<GenerateResult> => {
    const steps = generate(
      {
        cache,
        tokenizer,
        drafts: new DraftPolicy(0, { ahead }),
        contextTokensMax: model.contextTokensMax,
      },
      {
        purpose: 'chat',
        ids: prompt,
        snapshotsAt: [],
        maxTokens: 30,
        sampler: createSampler(params),
        stopIds: new Set(),
        stopStrings: [],
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

describe.each<{ name: string; params: SamplingParams }>([
  { name: 'greedy', params: {} },
  { name: 'drawn', params: { temperature: 1.2, seed: 7 } },
  { name: 'drawn from few', params: { temperature: 0.9, topK: 20, topP: 0.9, minP: 0.01, seed: 4 } },
  { name: 'penalised', params: { repetitionPenalty: 1.3, presencePenalty: 0.5 } },
  {
    name: 'drawn with penalties',
    params: { temperature: 1, topP: 0.95, repetitionPenalty: 1.1, presencePenalty: 1, seed: 9 },
  },
])('$name', ({ params }) => {
  test('the text is that of the simple loop', async () => {
    const [simple, ahead] = [setUp(false), setUp(true)];
    const plain = await simple.run(params);
    expect(idsOf(plain.text).length).toBe(30);
    expect((await ahead.run(params)).text).toBe(plain.text);
    simple.free();
    ahead.free();
  });

  test('a stop seen late ends it at the same place, and the next turn goes on from there', async () => {
    const [simple, ahead] = [setUp(false), setUp(true)];
    const ids = idsOf((await simple.run(params)).text);
    // Ids that come for the first time: early, and after the rings have gone round.
    for (const least of [1, 18]) {
      const at = ids.findIndex((id, i) => i >= least && ids.indexOf(id) === i);
      if (at < 0) continue;
      const stopIds = new Set([ids[at] as number]);
      const said = ids.slice(0, at);
      const next = { ids: [...prompt, ...said, 17, 18], maxTokens: 8 };
      const ended = await ahead.run(params, { stopIds });
      expect([idsOf(ended.text), ended.finishReason]).toEqual([said, 'stop']);
      const turn = await ahead.run(params, next);
      expect(turn.stats.reusedTokens, 'what was read is not read again').toBe(prompt.length + said.length);
      await simple.run(params, { stopIds });
      expect(turn.text).toBe((await simple.run(params, next)).text);
    }
    simple.free();
    ahead.free();
  });
});

test('a text that is chosen in another way is not taken for the one before', async () => {
  const [simple, ahead] = [setUp(false), setUp(true)];
  const drawn = { temperature: 1.2, seed: 7 };
  const penalised = { temperature: 1.5, presencePenalty: 2, seed: 31 };
  for (const one of [{}, drawn, { ...drawn, seed: 8 }, penalised, drawn, penalised, {}])
    expect((await ahead.run(one, { maxTokens: 6 })).text).toBe(
      (await simple.run(one, { maxTokens: 6 })).text,
    );
  simple.free();
  ahead.free();
});

test.each([{}, { temperature: 1.2, seed: 3 }])(
  'what follows a dropped pick has the very bits of the simple loop, by %j',
  async params => {
    const { rule } = createSampler(params);
    const walk = async (ahead: boolean) => {
      const sequence = await model.createSequence();
      const ids = [...prompt];
      await model.forward(sequence, prompt, 'none');
      const sampling = { rule, history: { ids, generatedFrom: prompt.length } };
      for (let id = 11; ids.length < prompt.length + 23;) {
        ids.push(id);
        const step = { drafts: 0, logits: false, ahead: ahead ? 0 : undefined, sampling };
        id = (await model.step(sequence, id, step)).picks[0] as number;
      }
      expect(sequence.position).toBe(ids.length);
      const few = await model.forward(sequence, [3, 4], 'last');
      const many = await model.forward(sequence, prompt, 'last');
      sequence.dispose();
      return { ids, bits: [few, many].map(logits => [...new Uint32Array(logits.buffer)]) };
    };
    expect(await walk(true)).toEqual(await walk(false));
  },
);

test('a step under way that another rule follows is taken back', async () => {
  const picks = async (ahead: boolean) => {
    const sequence = await model.createSequence();
    await model.forward(sequence, prompt, 'none');
    const ids = [...prompt];
    const got: number[] = [];
    for (let seed = 0, id = 11; seed < 6; seed++) {
      ids.push(id);
      const { rule } = createSampler({ temperature: 3, seed });
      const sampling = { rule, history: { ids, generatedFrom: prompt.length } };
      id = (
        await model.step(sequence, id, { drafts: 0, logits: false, ahead: ahead ? 0 : undefined, sampling })
      ).picks[0] as number;
      got.push(id);
    }
    sequence.dispose();
    return got;
  };
  expect(await picks(true)).toEqual(await picks(false));
});

test('device and host draw the same by the same logits', async () => {
  const sampler = createSampler({ temperature: 1, topP: 0.95, presencePenalty: 0.7, seed: 21 });
  const [device, host] = [await model.createSequence(), await model.createSequence()];
  const ids = [...prompt];
  const history = { ids, generatedFrom: prompt.length };
  await model.forward(device, prompt, 'none');
  let id = sampler.sample(await model.forward(host, prompt, 'last'), history);
  while (ids.length < prompt.length + 30) {
    ids.push(id);
    const sampling = { rule: sampler.rule, history };
    const step = await model.step(device, id, { drafts: 0, logits: false, sampling });
    const { logits } = await model.step(host, id, { drafts: 0, logits: true });
    id = sampler.sample(logits as Float32Array, history);
    expect(step.picks).toEqual([id]);
  }
  device.dispose();
  host.dispose();
});
