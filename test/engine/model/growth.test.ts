// Keys and values get more room while a text is read. Where there is none, the text ends with a named error, nothing that was read
// is harmed, and the next text gets a sequence that works.
import { afterEach, beforeAll, afterAll, expect, test, vi } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/locate.ts';
import { PrefixCache } from '../../../engine/generate/prefix_cache.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { loadModel, type LoadedModel } from '../../../engine/model/load.ts';
import type { Qwen3NextSequence } from '../../../engine/model/sequence/state.ts';
import { engineErrorOf } from '../../support/engine_error.ts';
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

/** From now on the device has no memory for the nth buffer that is asked for in this way. */
function refuse(nth: number): void {
  const { device } = gpu;
  const pop = device.popErrorScope.bind(device);
  let asked = 0;
  vi.spyOn(device, 'popErrorScope').mockImplementation(async () => {
    const found = await pop();
    return ++asked === nth ? { message: 'no memory' } : found;
  });
}

test('caches grow one after another: at most one is there twice', async () => {
  const sequence = model.createSequence();
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
  'without memory for buffer %i the sequence is as it was, and goes on when there is some',
  async nth => {
    const untouched = model.createSequence();
    const want = await read(untouched, 300);
    untouched.dispose();

    const sequence = model.createSequence();
    await read(sequence, 200);
    refuse(nth);
    const error = await engineErrorOf(() => read(sequence, 100));
    expect(error.code).toBe('outOfDeviceMemory');
    expect(sequence.position).toBe(200);
    expect(await read(sequence, 100)).toEqual(want);
    sequence.dispose();
  },
);

test('a text that finds no memory ends with a named error, all buffers go, and the next one is right', async () => {
  const cache = new PrefixCache(model);
  const before = gpu.buffers.liveBytes;
  const readText = async (first: number, ids = text.slice(first, first + 300)) => {
    const lease = cache.acquire(ids, 'chat')!;
    try {
      let logits: Float32Array = new Float32Array();
      while (lease.position < ids.length)
        logits = await lease.read(ids.slice(lease.position, lease.position + 100), 'last');
      return [...logits];
    } finally {
      lease.release();
    }
  };
  const want = await readText(0);
  expect(gpu.buffers.liveBytes).toBeGreaterThan(before);
  refuse(3);
  expect((await engineErrorOf(() => readText(17))).code).toBe('outOfDeviceMemory');
  // The one that failed, and the other that only waited to be used again.
  expect(gpu.buffers.liveBytes).toBe(before);
  expect(await readText(0)).toEqual(want);
  cache.dispose();
  expect(gpu.buffers.liveBytes).toBe(before);
});

test('a context is no longer than the largest buffer has room for', async () => {
  const small = await openGpu({ limits: { bufferBytesMax: 3000 * tokenBytes } });
  const checkpoint = await openCheckpoint(fixturePath('tied_nonorm'));
  const bounded = await loadModel(small, checkpoint, { kvFormat: 'f32' });
  await checkpoint.close();
  expect(bounded.contextTokensMax).toBe(3000);
  const sequence = bounded.createSequence();
  // Room for all of it at once.
  await sequence.reserveTo(3000);
  expect((await engineErrorOf(() => sequence.reserveTo(3001))).code).toBe('contextFull');
  sequence.dispose();
  bounded.dispose();
  small.dispose();
});
