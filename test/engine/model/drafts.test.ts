// Drafts of the embedded model's MTP block on the device: same tokens, and no trace of what was wrong.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { argmax, createSampler } from '../../../engine/generate/sampler.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { loadModel, type LoadedModel } from '../../../engine/model/load.ts';
import type { SamplingParams } from '../../../engine/protocol/chat.ts';
import type { Qwen3NextSequence } from '../../../engine/model/sequence/sequence.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { embeddedModelPath, goldenTokenizer } from '../../support/embedded_model.ts';

let gpu: Gpu;
let model: LoadedModel;
beforeAll(async () => {
  gpu = await openGpu();
  const checkpoint = await openCheckpoint(embeddedModelPath);
  model = await loadModel(gpu, checkpoint, { mtp: true });
  await checkpoint.close();
});
afterAll(() => {
  model.dispose();
  gpu.dispose();
});

const promptOf = (length: number) => Array.from({ length }, (_, i) => (i * 37 + 11) % 8000);

/** Tokens after the prompt by forward() alone. */
async function plainTokens(prompt: readonly number[], count: number): Promise<number[]> {
  const sequence = await model.createSequence();
  const tokens = [argmax(await model.forward(sequence, prompt, 'last'))];
  while (tokens.length < count)
    tokens.push(argmax(await model.forward(sequence, [tokens.at(-1) as number], 'last')));
  sequence.dispose();
  return tokens;
}

/** The same by steps with drafts, and how many drafts were right. */
async function draftedTokens(
  sequence: Qwen3NextSequence,
  first: number,
  { count, drafts, ahead }: { count: number; drafts: number; ahead?: number },
): Promise<{ tokens: number[]; accepted: number }> {
  const tokens = [first];
  let accepted = 0;
  while (tokens.length < count) {
    const step = await model.step(sequence, tokens.at(-1) as number, { drafts, logits: false, ahead });
    let right = 0;
    while (right < drafts && step.drafts[right] === step.picks[right]) right++;
    sequence.takeBack(drafts - right);
    tokens.push(...step.picks.slice(0, right + 1));
    accepted += right;
  }
  return { tokens: tokens.slice(0, count), accepted };
}

describe.each([
  { name: 'a text', prompt: goldenTokenizer.prompts.plain.ids },
  { name: 'one token', prompt: promptOf(1) },
  { name: 'as many tokens as a step takes', prompt: promptOf(8) },
  { name: 'a small batch', prompt: promptOf(9) },
])('after $name', ({ prompt }) => {
  const count = 30;
  let plain: number[];
  beforeAll(async () => {
    plain = await plainTokens(prompt, count);
  });
  test.each([
    { drafts: 0, ahead: 0 },
    ...[1, 2, 4].flatMap(drafts => [{ drafts }, { drafts, ahead: drafts }]),
  ])('$drafts drafts, ahead $ahead: the tokens are those of plain decoding', async options => {
    const sequence = await model.createSequence();
    const first = argmax(await model.forward(sequence, prompt, 'last'));
    const { tokens } = await draftedTokens(sequence, first, { count, ...options });
    expect(tokens).toEqual(plain);
    sequence.dispose();
  });
});

test('some drafts are right, some are wrong: both ways are walked', async () => {
  const sequence = await model.createSequence();
  const prompt = promptOf(100);
  const first = argmax(await model.forward(sequence, prompt, 'last'));
  const { accepted, tokens } = await draftedTokens(sequence, first, { count: 40, drafts: 2 });
  expect(accepted).toBeGreaterThan(0);
  expect(accepted).toBeLessThan(tokens.length);
  sequence.dispose();
});

test.each([
  { name: 'a batch', after: promptOf(20) },
  { name: 'few rows', after: [7, 9] },
])('drafts that are all taken back leave no trace in $name read afterwards', async ({ after }) => {
  const prompt = promptOf(30);
  const clean = await model.createSequence();
  await model.forward(clean, prompt, 'none');
  const drafted = await model.createSequence();
  const first = argmax(await model.forward(drafted, prompt, 'last'));
  await model.forward(clean, [first], 'none');
  await model.step(drafted, first, { drafts: 4, logits: false });
  drafted.takeBack(4);
  const want = await model.forward(clean, after, 'last');
  expectClose(await model.forward(drafted, after, 'last'), want, tolerances.dot, 'logits');
  expect(drafted.position).toBe(clean.position);
  clean.dispose();
  drafted.dispose();
});

test('a snapshot taken among drafts brings back the same tokens and drafts', async () => {
  const sequence = await model.createSequence();
  const first = argmax(await model.forward(sequence, promptOf(50), 'last'));
  await model.step(sequence, first, { drafts: 3, logits: false });
  sequence.takeBack(3);
  const snapshot = (await sequence.takeSnapshot())!;
  const once = await model.step(sequence, 5, { drafts: 3, logits: true });
  sequence.restore(snapshot);
  const again = await model.step(sequence, 5, { drafts: 3, logits: true });
  expect([again.drafts, again.picks]).toEqual([once.drafts, once.picks]);
  expect([...(again.logits as Float32Array)]).toEqual([...(once.logits as Float32Array)]);
  snapshot.dispose();
  sequence.dispose();
});

test.each<SamplingParams>([
  { temperature: 1.1, topK: 50, topP: 0.95, seed: 5 },
  { temperature: 0.8, repetitionPenalty: 1.2, presencePenalty: 0.6, seed: 6 },
  { repetitionPenalty: 1.5 },
])('each row of a drafted step is chosen as the host would by its logits: %j', async params => {
  const prompt = promptOf(40);
  const sampler = createSampler(params);
  const [device, host] = [await model.createSequence(), await model.createSequence()];
  for (const sequence of [device, host]) await model.forward(sequence, prompt, 'none');
  const ids = [...prompt];
  const sampling = { rule: sampler.rule, history: { ids, generatedFrom: prompt.length } };
  let accepted = 0;
  for (let id = 9, steps = 0; steps < 12; steps++) {
    ids.push(id);
    const drafts = steps % 5;
    const { logits } = await model.step(host, id, { drafts, logits: true });
    const step = await model.step(device, id, { drafts, logits: false, sampling });
    // Penalties only grow with the text, which a rejected draft is no part of.
    const picks = Array.from({ length: drafts + 1 }, (_, row) =>
      createSampler({ ...params, seed: sampler.rule.seed }).sample(
        (logits as Float32Array).slice(row * model.vocabularySize, (row + 1) * model.vocabularySize),
        { ids: [...ids, ...step.drafts.slice(0, row)], generatedFrom: prompt.length },
      ),
    );
    expect(step.picks).toEqual(picks);
    let right = 0;
    while (right < drafts && step.drafts[right] === step.picks[right]) right++;
    for (const sequence of [device, host]) sequence.takeBack(drafts - right);
    ids.push(...step.picks.slice(0, right));
    id = step.picks[right] as number;
    accepted += right;
  }
  expect(accepted, 'some drafts are right').toBeGreaterThan(0);
  device.dispose();
  host.dispose();
});
