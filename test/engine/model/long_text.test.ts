// A text that grows long: its keys and values are in halves up to a length, then in 8 bits, converted once on the device.
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { kvRowWords } from '../../../engine/kernels/kv_cache.ts';
import { loadModel, type LoadedModel, type LoadModelOptions } from '../../../engine/model/load.ts';
import type { Qwen3NextSequence } from '../../../engine/model/sequence/sequence.ts';
import { kvNarrow as narrowed } from '../../reference/kv_narrow.ts';
import { fixturePath } from '../../support/golden.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';
import { codesApart } from '../../support/kv_rows.ts';
import { watchBuffers } from '../../support/peak_buffers.ts';

const border = 300;
const kvPlan = { short: 'f16', shortTokensMax: border, long: 'q8' } as const;
/** Of the fixture: three attention layers with one key head. */
const [attentionLayers, dim] = [3, 32];
/** Most that a logit of this small model moves by keys and values in 8 bits. */
const apart = 0.2;

let gpu: Gpu;
let model: LoadedModel;
let halves: LoadedModel;
const load = async (name: string, options: LoadModelOptions): Promise<LoadedModel> => {
  const checkpoint = await openCheckpoint(fixturePath(name));
  const loaded = await loadModel(gpu, checkpoint, options);
  await checkpoint.close();
  return loaded;
};
beforeAll(async () => {
  gpu = await openGpu();
  model = await load('tied_nonorm', { kvPlan });
  halves = await load('tied_nonorm', { kvFormat: 'f16' });
});
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(() => {
  model.dispose();
  halves.dispose();
  gpu.dispose();
});

const text = Array.from({ length: 600 }, (_, i) => (i * 37 + 11) % 256);

/** Reads the text up to `end`; the last logits. */
async function readTo(of: LoadedModel, sequence: Qwen3NextSequence, end: number): Promise<number[]> {
  let logits: Float32Array = new Float32Array();
  while (sequence.position < end) {
    const batch = Math.min(50, end - sequence.position);
    logits = await of.forward(sequence, text.slice(sequence.position, sequence.position + batch), 'last');
  }
  return [...logits];
}

const largestGap = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((x, i) => Math.abs(x - (b[i] as number))));

/** Words of the keys of all attention layers. */
async function keysOf(sequence: Qwen3NextSequence): Promise<Uint32Array[]> {
  const caches = sequence.layers.filter(layer => layer.kind === 'full');
  const range = { first: 0, count: border };
  return Promise.all(caches.map(({ keys }) => sequence.kvRows(keys, range)));
}

test('is kept in halves up to its length, and beyond it in the codes of the same rows', async () => {
  const [sequence, other] = [await model.createSequence(), await halves.createSequence()];
  expect(sequence.kvFormats).toBe('f16');
  expect(await readTo(model, sequence, border)).toEqual(await readTo(halves, other, border));
  expect(sequence.kvFormats).toBe('f16');
  const before = await keysOf(sequence);
  const peak = watchBuffers(gpu);
  const live = gpu.buffers.liveBytes;
  const logits = await readTo(model, sequence, border + 1);
  expect(sequence.kvFormats).toBe('q8');
  const after = await keysOf(sequence);
  for (const [i, keys] of before.entries()) {
    const want = narrowed(keys, dim);
    const codes = codesApart(after[i]!, want, dim);
    expect(codes.sameScales).toBe(true);
    expect(codes.codes).toBeLessThanOrEqual(1);
  }
  // Three pages of halves and as many of codes, in room for eight; the keys or values of one layer were there twice, and a table.
  const ofAPage = 4 * 128 * kvRowWords('f16', dim);
  const grown = gpu.buffers.liveBytes - live;
  expect(grown).toBe(2 * attentionLayers * (8 - 4) * ofAPage);
  expect(peak() - live).toBeLessThanOrEqual(grown + 4 * ofAPage + 4 * 6);
  const gap = largestGap(logits, await readTo(halves, other, border + 1));
  expect(gap).toBeGreaterThan(0);
  expect(gap).toBeLessThan(apart);
  expect(largestGap(await readTo(model, sequence, 450), await readTo(halves, other, 450))).toBeLessThan(
    apart,
  );
  sequence.dispose();
  other.dispose();
});

test('a sequence that begins anew is in halves again, in the memory that it has', async () => {
  const sequence = await model.createSequence();
  const first = await readTo(model, sequence, 250);
  await readTo(model, sequence, 400);
  expect(sequence.kvFormats).toBe('q8');
  sequence.reset();
  expect(sequence.kvFormats).toBe('f16');
  const live = gpu.buffers.liveBytes;
  expect(await readTo(model, sequence, 250)).toEqual(first);
  expect(gpu.buffers.liveBytes).toBe(live);
  // And long once more.
  await readTo(model, sequence, 400);
  expect(sequence.kvFormats).toBe('q8');
  sequence.dispose();
});

test('a snapshot from before is gone back to with the rows as they were', async () => {
  const [sequence, other] = [await model.createSequence(), await halves.createSequence()];
  await readTo(model, sequence, 200);
  const snapshot = (await sequence.takeSnapshot())!;
  await readTo(model, sequence, 400);
  sequence.restore(snapshot);
  expect([sequence.position, sequence.kvFormats]).toEqual([200, 'f16']);
  const logits = await readTo(model, sequence, 260);
  await readTo(halves, other, 200);
  expect(logits).toEqual(await readTo(halves, other, 260));
  // And becomes long once more.
  const long = await readTo(model, sequence, 400);
  expect(sequence.kvFormats).toBe('q8');
  sequence.restore(snapshot);
  await readTo(model, sequence, 260);
  expect(await readTo(model, sequence, 400)).toEqual(long);
  snapshot.dispose();
  sequence.dispose();
  other.dispose();
});

test.each([1, 2, 3])(
  'without memory from buffer %i on nothing is lost, and the text goes on when there is some',
  async nth => {
    const other = await model.createSequence();
    const wanted = await readTo(model, other, border + 20);
    other.dispose();
    const sequence = await model.createSequence();
    await readTo(model, sequence, border);
    const pop = gpu.device.popErrorScope.bind(gpu.device);
    let asked = 0;
    const { liveCount } = gpu.buffers;
    vi.spyOn(gpu.device, 'popErrorScope').mockImplementation(async () => {
      const found = await pop();
      return ++asked >= nth ? { message: 'no memory' } : found;
    });
    const failed = await hearthErrorOf(() => readTo(model, sequence, border + 20));
    expect(failed.code).toBe('outOfDeviceMemory');
    vi.restoreAllMocks();
    expect(gpu.buffers.liveCount).toBe(liveCount);
    expect(sequence.position).toBe(border);
    expect(await readTo(model, sequence, border + 20)).toEqual(wanted);
    sequence.dispose();
  },
);

test('single steps, steps ahead of the host and drafts go on across the border', async () => {
  const drafting = await load('default', { mtp: true, kvPlan: { ...kvPlan, shortTokensMax: 40 } });
  const decode = async (
    step: (sequence: Qwen3NextSequence, id: number) => Promise<number>,
  ): Promise<number[]> => {
    const sequence = await drafting.createSequence();
    await drafting.forward(sequence, text.slice(0, 33), 'last');
    const ids = [text[33] as number];
    while (ids.length < 20) ids.push(await step(sequence, ids.at(-1) as number));
    expect(sequence.kvFormats).toBe('q8');
    sequence.dispose();
    return ids;
  };
  const plain = await decode(async (sequence, id) => {
    const { picks } = await drafting.step(sequence, id, { drafts: 0, logits: false });
    return picks[0] as number;
  });
  const ahead = await decode(async (sequence, id) => {
    const { picks } = await drafting.step(sequence, id, { drafts: 0, logits: false, ahead: 0 });
    return picks[0] as number;
  });
  const drafted = await decode(async (sequence, id) => {
    const { picks } = await drafting.step(sequence, id, { drafts: 2, logits: false });
    sequence.takeBack(2);
    return picks[0] as number;
  });
  expect(ahead).toEqual(plain);
  expect(drafted).toHaveLength(plain.length);
  drafting.dispose();
});
