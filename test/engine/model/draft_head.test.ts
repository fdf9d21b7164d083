// Drafts chosen among some ids: the same texts, whether the head of drafts is there, goes in the middle, or finds no memory.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { argmax } from '../../../engine/generate/sampler.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { rightDrafts } from '../../../engine/model/decode_steps.ts';
import { loadModel, type LoadedModel } from '../../../engine/model/load.ts';
import { embeddedModelPath, goldenTokenizer } from '../../support/embedded_model.ts';

const prompt = goldenTokenizer.prompts.plain.ids;
const length = 40;

let gpu: Gpu;
let all: LoadedModel;
/** What all drafts and picks were, with drafts among all ids. */
let wanted: Walk;
beforeAll(async () => {
  gpu = await openGpu();
  all = await load();
  wanted = await walk(all);
});
afterAll(() => {
  all.dispose();
  gpu.dispose();
});

async function load(draftIds?: Uint32Array<ArrayBuffer>): Promise<LoadedModel> {
  const checkpoint = await openCheckpoint(embeddedModelPath);
  try {
    return await loadModel(gpu, checkpoint, { mtp: true, contextTokensMax: 512, draftIds });
  } finally {
    await checkpoint.close();
  }
}

interface Walk {
  ids: number[];
  drafted: number[];
  accepted: number;
}

/** A greedy text with drafts that run ahead; `between` runs after so many steps. */
async function walk(
  model: LoadedModel,
  between: (steps: number) => Promise<void> | void = () => undefined,
): Promise<Walk> {
  const sequence = await model.createSequence();
  const ids = [argmax(await model.forward(sequence, prompt, 'last'))];
  const drafted: number[] = [];
  let accepted = 0;
  for (let steps = 1; ids.length < length; steps++) {
    const step = await model.step(sequence, ids.at(-1) as number, { drafts: 3, logits: false, ahead: 3 });
    const right = rightDrafts(step);
    sequence.takeBack(3 - right);
    ids.push(...step.picks.slice(0, right + 1));
    drafted.push(...step.drafts);
    accepted += right;
    await between(steps);
  }
  sequence.dispose();
  return { ids: ids.slice(0, length), drafted, accepted };
}

/** Every id that comes in the text, and some others, in ascending order. */
const enough = () => Uint32Array.from([...new Set([...wanted.drafted, 3, 999, 8000])].sort((a, b) => a - b));

test('with all ids among them that would be drafted, the drafts are the same', async () => {
  const before = gpu.buffers.liveBytes;
  const model = await load(enough());
  expect(model.draftHead?.matrix.rows).toBe(enough().length);
  const held = gpu.buffers.memory.held('draft head');
  expect(held).toBeGreaterThanOrEqual(model.draftHead!.matrix.byteLength);
  expect(model.facts.bytesOnDevice - all.facts.bytesOnDevice).toBe(held);
  expect(await walk(model)).toEqual(wanted);
  model.dispose();
  expect(gpu.buffers.liveBytes).toBe(before);
  expect(gpu.buffers.memory.held('draft head')).toBe(0);
});

test('ids that are not among them are not drafted, and the text is the same', async () => {
  const some = Uint32Array.from([...new Set(wanted.drafted)].sort((a, b) => a - b).filter((_, i) => i % 2));
  const model = await load(some);
  const { ids, drafted, accepted } = await walk(model);
  expect(ids).toEqual(wanted.ids);
  expect(drafted.every(id => some.includes(id))).toBe(true);
  expect(accepted).toBeGreaterThan(0);
  expect(accepted).toBeLessThan(wanted.accepted);
  model.dispose();
});

test('when memory is short it is given back, in the middle of a text too', async () => {
  const some = Uint32Array.of(5, 6, 7);
  const model = await load(some);
  const { ids, drafted } = await walk(model, async steps => {
    if (steps !== 3) return;
    expect(await gpu.buffers.memory.giveBack(1)).toBeGreaterThan(0);
    expect(model.draftHead).toBeUndefined();
    expect(gpu.buffers.memory.held('draft head')).toBe(0);
  });
  expect(ids).toEqual(wanted.ids);
  // The step that was under way had its drafts from it already.
  expect(drafted.slice(0, 12).every(id => some.includes(id))).toBe(true);
  expect(drafted.slice(12).every(id => some.includes(id))).toBe(false);
  model.dispose();
});

test('without memory for it, all ids are drafted', async () => {
  gpu.buffers.memory.limit = gpu.buffers.memory.total;
  try {
    const model = await load();
    gpu.buffers.memory.limit = gpu.buffers.memory.total + 1000;
    await model.draftAmong(enough());
    expect(model.draftHead).toBeUndefined();
    gpu.buffers.memory.limit = undefined;
    expect(await walk(model)).toEqual(wanted);
    model.dispose();
  } finally {
    gpu.buffers.memory.limit = undefined;
  }
});

test('a list of all ids, or of none, is no list', async () => {
  const model = await load(Uint32Array.from({ length: all.vocabularySize }, (_, id) => id));
  expect(model.draftHead).toBeUndefined();
  await model.draftAmong(new Uint32Array());
  expect(model.draftHead).toBeUndefined();
  model.dispose();
});
