// Texts that begin alike share pages of keys and values: a fork takes none of its own until it writes, what one writes is never seen by
// another, and whatever is shared gives the very bits that reading all of it gives.
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import type { StateSnapshot } from '../../../engine/language_model/language_model.ts';
import { loadModel, type LoadedModel, type LoadModelOptions } from '../../../engine/model/load.ts';
import type { Qwen3NextSequence } from '../../../engine/model/sequence/sequence.ts';
import { fixturePath } from '../../support/golden.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';

let gpu: Gpu;
let model: LoadedModel;
const load = async (options: LoadModelOptions = {}): Promise<LoadedModel> => {
  const checkpoint = await openCheckpoint(fixturePath('default'));
  const loaded = await loadModel(gpu, checkpoint, { mtp: true, contextTokensMax: 1024, ...options });
  await checkpoint.close();
  return loaded;
};
beforeAll(async () => {
  gpu = await openGpu();
  model = await load();
});
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(() => {
  model.dispose();
  gpu.dispose();
});

const textOf = (first: number, length: number) =>
  Array.from({ length }, (_, i) => (i * 37 + first * 11) % 256);
const block = 32;

/** Reads ids in equal batches; the last logits. */
async function read(sequence: Qwen3NextSequence, ids: number[], of = model): Promise<number[]> {
  let logits = new Float32Array();
  for (let at = 0; at < ids.length; at += block)
    logits = (await of.forward(sequence, ids.slice(at, at + block), 'last')) as Float32Array<ArrayBuffer>;
  return [...new Uint32Array(logits.buffer, logits.byteOffset, logits.length)];
}

/** The bits of a step with drafts, which are taken back, and of more text. */
async function goOn(sequence: Qwen3NextSequence, first: number, of = model): Promise<number[]> {
  const { drafts, picks } = await of.step(sequence, first, { drafts: 3, logits: false });
  sequence.takeBack(3);
  return [...drafts, ...picks, ...(await read(sequence, textOf(first, 64), of))];
}

/** The same of a text that shares nothing. */
async function alone(ids: number[], first: number, of = model): Promise<number[]> {
  const sequence = await of.createSequence();
  await read(sequence, ids, of);
  const bits = await goOn(sequence, first, of);
  sequence.dispose();
  return bits;
}

async function at(ids: number[]): Promise<{ sequence: Qwen3NextSequence; snapshot: StateSnapshot }> {
  const sequence = await model.createSequence();
  await read(sequence, ids);
  return { sequence, snapshot: (await sequence.takeSnapshot()) as StateSnapshot };
}

// At the border of a page the MTP block has yet to write the last row of the page before it.
test.each([128, 160, 256, 288])(
  'a fork after %i tokens takes no page until it writes, then one',
  async length => {
    const ids = textOf(1, length);
    const { sequence, snapshot } = await at(ids);
    const pages = model.kvPages.usedCount;
    expect(pages).toBe(Math.ceil(length / 128));
    const fork = await model.createSequence();
    fork.restore(snapshot);
    expect([fork.position, model.kvPages.usedCount]).toEqual([length, pages]);
    const [mine, theirs] = [await alone(ids, 5), await alone(ids, 6)];
    // Who goes on first writes behind what others need of the page; the next one has to leave it.
    expect(await goOn(sequence, 5)).toEqual(mine);
    expect(await goOn(fork, 6)).toEqual(theirs);
    const ends = Math.ceil((length + 65) / 128);
    const whole = Math.floor((length - 1) / 128);
    expect(model.kvPages.usedCount).toBe(whole + 2 * (ends - whole));
    // And both once more, in any order.
    fork.restore(snapshot);
    expect(await goOn(fork, 5)).toEqual(mine);
    sequence.restore(snapshot);
    expect(await goOn(sequence, 6)).toEqual(theirs);
    for (const one of [sequence, fork, snapshot]) one.dispose();
    expect([model.kvPages.usedCount, model.kvPages.count]).toEqual([0, 0]);
  },
);

test('snapshots of a text that goes on take no pages of their own', async () => {
  const { sequence, snapshot } = await at(textOf(2, 96));
  const snapshots = [snapshot];
  for (let end = 128; end <= 384; end += 32) {
    await read(sequence, textOf(2, end).slice(end - 32));
    snapshots.push((await sequence.takeSnapshot()) as StateSnapshot);
    expect(model.kvPages.usedCount).toBe(Math.ceil(end / 128));
  }
  sequence.dispose();
  const fork = await model.createSequence();
  for (const one of snapshots) {
    fork.restore(one);
    expect(await goOn(fork, 9)).toEqual(await alone(textOf(2, one.position), 9));
  }
  for (const one of [fork, ...snapshots]) one.dispose();
});

test('a step ahead, drafts and what was taken back are never seen by a fork', async () => {
  const ids = textOf(3, 160);
  const { sequence, snapshot } = await at(ids);
  const want = await alone(ids, 7);
  for (const options of [
    { drafts: 0, logits: false, ahead: 0 },
    { drafts: 3, logits: false },
  ]) {
    sequence.restore(snapshot);
    await model.step(sequence, 99, options);
    const fork = await model.createSequence();
    fork.restore(snapshot);
    expect(await goOn(fork, 7)).toEqual(want);
    fork.dispose();
  }
  for (const one of [sequence, snapshot]) one.dispose();
});

test('room that is not in use is given back, pages move together, and texts go on as they were', async () => {
  const ids = [textOf(4, 300), textOf(5, 300), textOf(6, 300)];
  const wants = [await alone(ids[0]!, 8), await alone(ids[2]!, 8)];
  const texts: Qwen3NextSequence[] = [];
  for (const text of ids) {
    const sequence = await model.createSequence();
    await read(sequence, text);
    texts.push(sequence);
  }
  const [first, gone, last] = texts as [Qwen3NextSequence, Qwen3NextSequence, Qwen3NextSequence];
  const snapshot = (await last.takeSnapshot()) as StateSnapshot;
  expect(model.kvPages.usedCount).toBe(9);
  gone.dispose();
  const { count } = model.kvPages;
  const bytes = gpu.buffers.liveBytes;
  expect(await gpu.buffers.memory.giveBack(1)).toBeGreaterThan(0);
  expect([model.kvPages.usedCount, model.kvPages.count]).toEqual([6, 6]);
  // Three layers with keys and values, of 2 heads in halves.
  const ofAPage = 2 * 3 * 128 * 2 * 16 * 4;
  expect(bytes - gpu.buffers.liveBytes).toBe((count - 6) * ofAPage);
  expect(await goOn(first, 8)).toEqual(wants[0]);
  last.restore(snapshot);
  expect(await goOn(last, 8)).toEqual(wants[1]);
  for (const one of [first, last, snapshot]) one.dispose();
});

test('a batch that waits while room is made for another text starts over, and gives the same', async () => {
  const ids = textOf(7, 100);
  const fresh = await model.createSequence();
  const want = await model.forward(fresh, ids, 'last');
  fresh.dispose();
  const [sequence, other] = [await model.createSequence(), await model.createSequence()];
  const { budgetMs } = gpu.submissions;
  gpu.submissions.budgetMs = 0.01;
  const reading = model.read(sequence, ids, 'last');
  expect((await reading.next()).done).toBe(false);
  const { count } = model.kvPages;
  await other.reserveTo(700);
  expect(model.kvPages.count).toBeGreaterThan(count);
  for (;;) {
    const { done, value } = await reading.next();
    if (!done) continue;
    expect([...value]).toEqual([...want]);
    break;
  }
  gpu.submissions.budgetMs = budgetMs;
  for (const one of [sequence, other]) one.dispose();
});

test('texts that do not fit one buffer together go by name, and what others hold is as it was', async () => {
  const ids = textOf(8, 300);
  const want = await alone(ids, 4);
  const kept = await model.createSequence();
  await read(kept, ids);
  vi.spyOn(gpu, 'tensorBytesMax', 'get').mockReturnValue(5 * 4 * model.kvPages.words);
  const other = await model.createSequence();
  const error = await hearthErrorOf(() => other.reserveTo(300));
  expect(error.code).toBe('outOfDeviceMemory');
  // Whoever gives back pages makes room.
  const stop = gpu.buffers.memory.onLack('sequences', () => {
    if (kept.position === 0) return false;
    kept.reset();
    return true;
  });
  await other.reserveTo(300);
  stop();
  await read(other, ids);
  expect(await goOn(other, 4)).toEqual(want);
  for (const one of [kept, other]) one.dispose();
});
