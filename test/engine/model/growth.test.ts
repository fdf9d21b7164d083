// Keys and values get more room while a text is read. Where there is none, for them, a sequence or a snapshot, the text that needs
// it ends with a named error, nothing that was read is harmed, and the next text gets a sequence that works.
import { afterEach, beforeAll, afterAll, expect, test, vi } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { PrefixCache } from '../../../engine/generate/prefix_cache.ts';
import { createSampler } from '../../../engine/generate/sampler.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { whole } from '../../../engine/language_model/whole.ts';
import { loadModel, type LoadedModel } from '../../../engine/model/load.ts';
import type { Qwen3NextSequence } from '../../../engine/model/sequence/sequence.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';
import { fixturePath } from '../../support/golden.ts';
import { watchBuffers } from '../../support/peak_buffers.ts';

let gpu: Gpu;
let model: LoadedModel;
/** Bytes of one layer's keys for one token. */
const tokenBytes = 32 * 4;

beforeAll(async () => {
  gpu = await openGpu();
  // Three attention layers with one key head of 32.
  const checkpoint = await openCheckpoint(fixturePath('tied_nonorm'));
  model = await loadModel(gpu, checkpoint, { kvFormat: 'f32' });
  await checkpoint.close();
});
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(() => {
  model.dispose();
  gpu.dispose();
});

const text = Array.from({ length: 600 }, (_, i) => (i * 37 + 11) % 256);

/** Reads so many more tokens of the text; the last logits. */
async function read(sequence: Qwen3NextSequence, count: number): Promise<number[]> {
  let logits: Float32Array = new Float32Array();
  for (const end = sequence.position + count; sequence.position < end;) {
    const batch = Math.min(100, end - sequence.position);
    logits = await model.forward(sequence, text.slice(sequence.position, sequence.position + batch), 'last');
  }
  return [...logits];
}

/** From now on the device has no memory for the nth buffer that is asked for in this way, and none for those up to `last`. */
function refuse(nth: number, { device }: Gpu = gpu, last = nth): void {
  const pop = device.popErrorScope.bind(device);
  let asked = 0;
  vi.spyOn(device, 'popErrorScope').mockImplementation(async () => {
    const found = await pop();
    asked++;
    return asked >= nth && asked <= last ? { message: 'no memory' } : found;
  });
}

/** Counts the buffers that results are read back through, from now on. */
function watchStaging({ device }: Gpu): { made(): number; live(): number } {
  const create = device.createBuffer.bind(device);
  const destroyed: (() => boolean)[] = [];
  vi.spyOn(device, 'createBuffer').mockImplementation(descriptor => {
    const buffer = create(descriptor);
    if (descriptor.label === 'readback') {
      const destroy = vi.spyOn(buffer, 'destroy');
      destroyed.push(() => destroy.mock.calls.length > 0);
    }
    return buffer;
  });
  return { made: () => destroyed.length, live: () => destroyed.filter(is => !is()).length };
}

test('caches grow one after another: at most one is there twice', async () => {
  const sequence = await model.createSequence();
  await read(sequence, 250);
  const before = gpu.buffers.liveBytes;
  const peak = watchBuffers(gpu);
  await read(sequence, 100);
  // Keys and values of three layers, for 256 tokens more.
  const grown = 6 * 256 * tokenBytes;
  expect(gpu.buffers.liveBytes - before).toBe(grown);
  expect(peak() - before).toBe(grown + 256 * tokenBytes);
  sequence.dispose();
});

test.each([1, 4, 6])(
  'without memory from buffer %i on the sequence is as it was, and goes on when there is some',
  async nth => {
    const untouched = await model.createSequence();
    const want = await read(untouched, 300);
    untouched.dispose();

    const sequence = await model.createSequence();
    await read(sequence, 200);
    refuse(nth, gpu, Infinity);
    const error = await hearthErrorOf(() => read(sequence, 100));
    expect(error.code).toBe('outOfDeviceMemory');
    vi.restoreAllMocks();
    expect(sequence.position).toBe(200);
    expect(await read(sequence, 100)).toEqual(want);
    sequence.dispose();
  },
);

test('a text that finds no memory gets that of others; when there is none left it ends with a named error', async () => {
  const cache = new PrefixCache(model);
  const before = gpu.buffers.liveBytes;
  const readText = async (first: number, ids = text.slice(first, first + 300)) => {
    const lease = (await cache.acquire(ids, 'chat'))!;
    try {
      let logits: Float32Array = new Float32Array();
      while (lease.position < ids.length)
        logits = await whole(lease.read(ids.slice(lease.position, lease.position + 100), 'last'));
      return [...logits];
    } finally {
      lease.release();
    }
  };
  const want = await readText(0);
  expect(gpu.buffers.liveBytes).toBeGreaterThan(before);
  const one = gpu.buffers.liveBytes;
  // The other only waited to be used again: its pages do. One tensor had got more room by then.
  refuse(3, gpu, Infinity);
  await readText(17);
  expect(gpu.buffers.liveBytes).toBe(one + 4 * 128 * tokenBytes);
  vi.restoreAllMocks();
  // More than all pages that there are.
  refuse(2, gpu, Infinity);
  expect((await hearthErrorOf(() => readText(34, text))).code).toBe('outOfDeviceMemory');
  vi.restoreAllMocks();
  expect(gpu.buffers.liveBytes).toBe(before);
  expect(await readText(0)).toEqual(want);
  cache.dispose();
  expect(gpu.buffers.liveBytes).toBe(before);
});

test('without memory for a sequence nothing of it stays, and the device has no error for anybody else', async () => {
  const before = gpu.buffers.liveBytes;
  refuse(1);
  expect((await hearthErrorOf(() => model.createSequence())).code).toBe('outOfDeviceMemory');
  expect(gpu.buffers.liveBytes).toBe(before);
  gpu.check();
  const sequence = await model.createSequence();
  expect(gpu.buffers.liveBytes).toBeGreaterThan(before);
  sequence.dispose();
});

test('without memory for a snapshot there is none, nothing of it stays, and the text goes on', async () => {
  const untouched = await model.createSequence();
  const want = await read(untouched, 60);
  untouched.dispose();
  const sequence = await model.createSequence();
  await read(sequence, 40);
  const before = gpu.buffers.liveBytes;
  refuse(1);
  expect(await sequence.takeSnapshot()).toBeUndefined();
  expect(gpu.buffers.liveBytes).toBe(before);
  gpu.check();
  expect(await read(sequence, 20)).toEqual(want);
  sequence.dispose();
});

test('a snapshot in the middle of an answer on a full device is not kept, and the answer goes on', async () => {
  const answer = async (full: boolean): Promise<{ picks: number[]; kept: number }> => {
    const cache = new PrefixCache(model);
    const lease = (await cache.acquire(text.slice(0, 40), 'chat'))!;
    await whole(lease.read(text.slice(0, 40), 'none'));
    const picks = [5];
    if (full) gpu.buffers.bytesMax = gpu.buffers.liveBytes;
    while (picks.length < 12) {
      const step = await lease.step(picks.at(-1) as number, { drafts: 0, logits: false, ahead: 0 });
      picks.push(...step.picks);
      if (picks.length % 4 === 0) await lease.keepSnapshot();
    }
    gpu.buffers.bytesMax = Infinity;
    const kept = cache.snapshotBytes;
    lease.release();
    cache.dispose();
    return { picks, kept };
  };
  const roomy = await answer(false);
  const full = await answer(true);
  expect(roomy.kept).toBeGreaterThan(0);
  expect(full).toEqual({ picks: roomy.picks, kept: 0 });
});

test('without memory for the ids that penalties look at, the step itself fails by name', async () => {
  const { rule } = createSampler({ repetitionPenalty: 1.2 });
  const sampling = { rule, history: { ids: [1, 2, 3], generatedFrom: 2 } };
  const sequence = await model.createSequence();
  await model.forward(sequence, [1, 2], 'none');
  const before = gpu.buffers.liveBytes;
  refuse(1);
  const step = () => model.step(sequence, 3, { drafts: 0, logits: false, sampling });
  expect((await hearthErrorOf(step)).code).toBe('outOfDeviceMemory');
  expect(gpu.buffers.liveBytes).toBe(before);
  expect((await step()).picks).toHaveLength(1);
  sequence.dispose();
});

test('a step ahead for which there is no memory keeps no buffer of the step before it', async () => {
  const device = await openGpu();
  const staging = watchStaging(device);
  const checkpoint = await openCheckpoint(fixturePath('tied_nonorm'));
  const own = await loadModel(device, checkpoint, { kvFormat: 'f32' });
  await checkpoint.close();
  const sequence = await own.createSequence();
  for (const batch of [100, 100, 55]) await own.forward(sequence, text.slice(0, batch), 'none');
  refuse(1, device, Infinity);
  const step = () => own.step(sequence, 5, { drafts: 0, logits: false, ahead: 0 });
  expect((await hearthErrorOf(step)).code).toBe('outOfDeviceMemory');
  sequence.dispose();
  own.dispose();
  device.dispose();
  expect(staging.made()).toBeGreaterThan(0);
  expect(staging.live()).toBe(0);
});

test('a context is no longer than the largest buffer has room for', async () => {
  const small = await openGpu({ limits: { bufferBytesMax: 6000 * tokenBytes } });
  const checkpoint = await openCheckpoint(fixturePath('tied_nonorm'));
  const bounded = await loadModel(small, checkpoint, { kvFormat: 'f32', yarnFactor: 2 });
  await checkpoint.close();
  // In whole pages.
  expect(bounded.contextTokensMax).toBe(46 * 128);
  const sequence = await bounded.createSequence();
  // Room for all of it at once.
  await sequence.reserveTo(46 * 128);
  expect((await hearthErrorOf(() => sequence.reserveTo(46 * 128 + 1))).code).toBe('contextFull');
  sequence.dispose();
  bounded.dispose();
  small.dispose();
});
