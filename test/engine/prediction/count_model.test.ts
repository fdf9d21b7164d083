// What is counted without a device is what a device is asked to do; of models that no machine here could hold, it is what their shapes say.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { modelOf } from '../../../engine/cli/predict.ts';
import { traitsOf } from '../../../engine/gpu/counting_gpu.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { bytesPerToken } from '../../../engine/model/bytes_per_token.ts';
import { loadModel, type LoadedModel } from '../../../engine/model/load.ts';
import { CountedModel, countKernels } from '../../../engine/prediction/count_model.ts';
import { specifiedDevice } from '../../../engine/prediction/specified_device.ts';
import { parseCatalogue } from '../../../engine/shared/architecture/catalogue.ts';
import {
  countParameters,
  positionBytes,
  stateBytes,
  stepLaunches,
  weightBytes,
} from '../../../engine/shared/architecture/footprint.ts';
import type { Counted } from '../../../engine/shared/prediction/device_model.ts';
import { predictPromptMs, totalWork } from '../../../engine/shared/prediction/device_model.ts';
import { specifications } from '../../../engine/shared/prediction/specifications.ts';
import { predictedTestDevice } from '../../support/device_models.ts';
import { embeddedModelPath } from '../../support/embedded_model.ts';

const file = new URL('../../../media/catalogue.json', import.meta.url);
const catalogue = parseCatalogue(readFileSync(file, 'utf8'), 'catalogue.json');

describe('the embedded model', () => {
  let gpu: Gpu;
  let model: LoadedModel;
  let counting: CountedModel;
  beforeAll(async () => {
    gpu = await openGpu();
    const checkpoint = await openCheckpoint(embeddedModelPath);
    model = await loadModel(gpu, checkpoint);
    const device = { ...predictedTestDevice({ software: gpu.software }), traits: traitsOf(gpu) };
    counting = await CountedModel.plan(checkpoint, device);
    await checkpoint.close();
  });
  afterAll(() => {
    counting.dispose();
    gpu.dispose();
  });

  /** What a text of `before` tokens and one step after it ask of the device. */
  async function run(before: number): Promise<{ batch: Counted; step: Counted }> {
    const sequence = await model.createSequence();
    try {
      const ids = Array.from({ length: before }, (_, i) => i + 1);
      const batch = await countKernels(gpu, before, () => model.forward(sequence, ids, 'last'));
      const step = await countKernels(gpu, 1, () => model.step(sequence, 7, { drafts: 0, logits: false }));
      return { batch, step };
    } finally {
      sequence.dispose();
    }
  }

  test('a step: kernels, workgroups, operations and bytes', async () => {
    const { step } = await run(100);
    const { counted } = await counting.step(100);
    expect(counted).toEqual(step);
    expect(step.kernels.length).toBe(model.dispatchCount);
  });

  test('a batch: the same', async () => {
    const { batch } = await run(100);
    const { batches } = await counting.prompt(0, 100);
    expect(batches.map(({ times }) => times)).toEqual([1]);
    expect(batches[0]?.counted.kernels).toEqual(batch.kernels);
  });

  test('every kernel says what it does', async () => {
    const { batch, step } = await run(100);
    const silent = [...batch.kernels, ...step.kernels].filter(
      ({ work }) => work.operations === 0 || work.bytes === 0,
    );
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  test('the bytes of a step are those of the tensors that it reads, and some activations', async () => {
    const { counted } = await counting.step(100);
    const { bytes } = totalWork(counted);
    const ofTensors = bytesPerToken(model, 101);
    expect(bytes / ofTensors).toBeGreaterThan(1);
    expect(bytes / ofTensors).toBeLessThan(1.05);
  });

  test('memory is that of the device', async () => {
    const sequence = await model.createSequence();
    await sequence.reserveTo(101);
    const { memory } = await counting.step(100);
    const held = (part: 'weights' | 'working set' | 'sequences') => gpu.buffers.memory.held(part);
    expect(memory).toEqual({
      weights: held('weights'),
      workingSet: held('working set'),
      text: held('sequences'),
    });
    sequence.dispose();
  });
});

describe.each(catalogue)('$id', entry => {
  const { shape, contextTokens, defaultVariant } = entry;
  let counting: CountedModel;
  beforeAll(async () => {
    counting = await CountedModel.plan(await modelOf(entry.id), specifiedDevice(specifications[0]!));
  });
  afterAll(() => counting.dispose());

  test('a step takes the kernels, bytes and operations that its shape says', async () => {
    const position = 8191;
    const { counted, memory } = await counting.step(position);
    const { operations, bytes } = totalWork(counted);
    expect(counted.kernels.length).toBe(stepLaunches(shape));
    const weights = weightBytes({ ...shape, mtpLayers: 0 }, defaultVariant);
    const keys = positionBytes(shape, contextTokens, shape.attentionLayers, position + 1);
    const least = (weights?.perToken ?? 0) + 2 * stateBytes(shape) + (position + 1) * keys;
    expect(bytes / least).toBeGreaterThan(0.99);
    expect(bytes / least).toBeLessThan(1.06);
    expect(operations).toBeGreaterThan(2 * countParameters(shape).active * 0.99);
    expect(memory.weights / (weights?.total ?? 0)).toBeGreaterThan(0.98);
    expect(memory.weights / (weights?.total ?? 0)).toBeLessThan(1.05);
  });
});

describe('a long prompt', () => {
  const shape80B = 'qwen3-next-80b-a3b-instruct';
  const device = specifiedDevice(specifications[1]!);

  test('all of its tokens are counted, by batches that stand for their neighbours', async () => {
    const counting = await CountedModel.plan(await modelOf(shape80B), device);
    const { batches } = await counting.prompt(0, 262_143);
    const rows = batches.reduce((sum, { counted, times }) => sum + times * counted.rows, 0);
    expect(rows).toBe(262_143);
    expect(batches.length).toBeLessThan(12);
    counting.dispose();
  });

  test('some batches for all differ little from all of them', async () => {
    const all = await CountedModel.plan(await modelOf('hearth-tiny'), device);
    let ms = 0;
    for (let position = 0; position < 20_480; position += 512)
      ms += predictPromptMs(device, await all.prompt(position, 512));
    const some = predictPromptMs(device, await all.prompt(0, 20_480));
    // Of the batches that are read for themselves each computes logits.
    expect(some / ms).toBeGreaterThan(0.9);
    expect(some / ms).toBeLessThan(1.02);
    all.dispose();
  });

  test('a million tokens take a stretched context, and memory for their keys in 8 bits', async () => {
    const tokens = 1_000_000;
    const counting = await CountedModel.plan(await modelOf(shape80B), device, { yarnFactor: 4 });
    const { counted, memory } = await counting.step(tokens);
    // 12 layers of two heads of 256 in 8 bits with scales, keys and values.
    expect(memory.text / (tokens * 12 * 2 * 2 * 272)).toBeGreaterThan(1);
    expect(memory.text / (tokens * 12 * 2 * 2 * 272)).toBeLessThan(1.1);
    expect(totalWork(counted).bytes).toBeGreaterThan(tokens * 12 * 2 * 2 * 272);
    counting.dispose();
  });
});
