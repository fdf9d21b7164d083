// The figures by which memory is planned and advice is given are those of the device: models of all kinds are loaded, and their live
// buffers counted.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { hasShuffle } from '../../../engine/kernels/launch.ts';
import { shapeOf } from '../../../engine/model/config/shape.ts';
import { loadModel, type LoadedModel } from '../../../engine/model/load.ts';
import { matricesOf, vectorsOf } from '../../../engine/model/weights/weights.ts';
import {
  cachedLayers,
  countParameters,
  kvPageBytes,
  positionBytes,
  sequenceBytes,
  snapshotBytes,
  weightBytes,
  workingSetBytes,
} from '../../../engine/shared/architecture/footprint.ts';
import { kvFirstPages, kvNextPages, kvTableEntries } from '../../../engine/shared/architecture/kv_format.ts';
import type { ModelShape } from '../../../engine/shared/architecture/shape.ts';
import { fixturePath } from '../../support/golden.ts';

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openGpu();
});
afterAll(() => gpu.dispose());

const bytesOf = (tensors: Iterable<{ byteLength: number }>) =>
  [...tensors].reduce((sum, { byteLength }) => sum + byteLength, 0);

// With experts and a block for drafts; tied, with a dense layer among experts; dense; with experts in another order.
describe.each(['default', 'tied_nonorm', 'qwen35_dense', 'qwen35_moe'])('%s', name => {
  let model: LoadedModel;
  let shape: ModelShape;
  beforeAll(async () => {
    const checkpoint = await openCheckpoint(fixturePath(name));
    model = await loadModel(gpu, checkpoint, { mtp: true, batchTokensMax: 1024 });
    await checkpoint.close();
    shape = shapeOf(model.config, model.weights.mtp ? 1 : 0);
  });
  afterAll(() => model.dispose());

  test('a sequence, its keys and values, and a snapshot', async () => {
    const before = gpu.buffers.liveBytes;
    const sequence = await model.createSequence();
    const perPosition = positionBytes(shape, model.contextTokensMax, cachedLayers(shape));
    const copies = hasShuffle(gpu) && model.weights.mtp ? 2 : 1;
    const table = 4 * kvTableEntries(model.kvPlan, model.contextTokensMax);
    const ofAPage = 128 * perPosition;
    expect(2 * cachedLayers(shape) * kvPageBytes(shape, model.contextTokensMax)).toBe(ofAPage);
    expect(gpu.buffers.liveBytes - before).toBe(
      sequenceBytes(shape, copies) + table + kvFirstPages * ofAPage,
    );
    await model.forward(sequence, [1, 2, 3, 4, 5], 'none');
    const read = gpu.buffers.liveBytes;
    const snapshot = await sequence.takeSnapshot();
    expect(gpu.buffers.liveBytes - read).toBe(snapshotBytes(shape));
    expect(snapshot?.byteLength).toBe(snapshotBytes(shape));
    snapshot?.dispose();
    const first = kvFirstPages * 128;
    if (sequence.hasRoom(first)) {
      await sequence.reserve(first);
      const grown = kvNextPages(kvFirstPages, kvFirstPages + 1, Infinity);
      expect(gpu.buffers.liveBytes - read).toBe((grown - kvFirstPages) * ofAPage);
    }
    sequence.dispose();
    expect(gpu.buffers.liveBytes).toBe(before);
  });

  test('what layers work in, for batches of every size and for those between their parts', async () => {
    const { memory } = gpu.buffers;
    const bytes: number[] = [];
    for (const rows of [128, 512]) {
      expect([await model.batchTokens(rows), await model.batchTokens(rows, true)]).toEqual([rows, rows]);
      const actual = bytesOf(model.workingSet);
      const computed = workingSetBytes(shape, rows);
      expect(computed).toBeGreaterThanOrEqual(actual);
      expect(computed).toBeLessThan(1.35 * actual);
      expect(memory.held('working set')).toBe(actual);
      bytes.push(actual);
    }
    expect(bytes[1]).toBeGreaterThan(2 * bytes[0]!);
  });

  test('weights', () => {
    const stored = [...matricesOf(model.weights), ...vectorsOf(model.weights)];
    const { parameterCount, quantization } = model.facts;
    const actual = bytesOf(stored);
    const computed = weightBytes(shape, quantization);
    expect(countParameters(shape).total / parameterCount).toBeCloseTo(1, 1);
    expect((computed?.total ?? 0) / actual).toBeCloseTo(1, 1);
  });
});
