// Loading: what is wrong with a model ends in a named error, and nothing stays on the device.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { loadModel, type LoadModelOptions } from '../../../engine/model/load.ts';
import type { LoadProgress } from '../../../engine/protocol/lifecycle.ts';
import { embeddedModelPath } from '../../support/embedded_model.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';
import { ggufBytes, ggufInput, type GgufInput } from '../../support/gguf_writer.ts';
import { fixturePath } from '../../support/golden.ts';
import { watchBuffers } from '../../support/peak_buffers.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openGpu();
});
afterAll(() => gpu.dispose());

/** Loads the changed gguf_legacy fixture and returns the error; checks that no buffer is left. */
async function errorOf(change: (input: GgufInput) => void, device = gpu, options: LoadModelOptions = {}) {
  const source = await openCheckpoint(fixturePath('gguf_legacy', 'model.gguf'));
  const input = await ggufInput(source);
  await source.close();
  change(input);
  const path = join(temporaryDirectory(), 'model.gguf');
  await writeFile(path, ggufBytes(input));
  const before = device.buffers.liveCount;
  const error = await hearthErrorOf(async () => {
    const checkpoint = await openCheckpoint(path);
    try {
      const model = await loadModel(device, checkpoint, options);
      model.dispose();
    } finally {
      await checkpoint.close();
    }
  });
  expect(device.buffers.liveCount).toBe(before);
  return error;
}
const tensorOf = (input: GgufInput, name: string) => {
  const tensor = input.tensors.find(t => t.name === name);
  if (!tensor?.data) throw new Error(`the fixture has no ${name}`);
  return { ...tensor, tensor, data: tensor.data };
};

test('a missing tensor is named', async () => {
  const error = await errorOf(input => {
    input.tensors = input.tensors.filter(t => t.name !== 'blk.2.ffn_up_exps.weight');
  });
  expect(error.code).toBe('missingTensor');
  expect(error.message).toContain('blk.2.ffn_up_exps.weight');
});

test('a tensor of the wrong shape is named', async () => {
  const error = await errorOf(input => {
    const { tensor } = tensorOf(input, 'blk.0.ssm_out.weight');
    tensor.shape = [96, 64];
  });
  expect(error.code).toBe('badCheckpoint');
  expect(error.message).toContain('blk.0.ssm_out.weight');
});

test('NaN in a norm is found while loading', async () => {
  const error = await errorOf(input => {
    const { data } = tensorOf(input, 'blk.1.attn_norm.weight');
    new DataView(data.buffer, data.byteOffset).setFloat32(12, NaN, true);
  });
  expect(error.code).toBe('badWeights');
  expect(error.message).toContain('blk.1.attn_norm.weight');
});

test('NaN in a quantised matrix is found by the first batch', async () => {
  const error = await errorOf(input => {
    const { data } = tensorOf(input, 'blk.0.ssm_out.weight');
    // The block's scale, a half float, becomes NaN.
    new DataView(data.buffer, data.byteOffset).setUint16(0, 0x7e00, true);
  });
  expect(error.code).toBe('badWeights');
});

test.each(
  (['f32', 'f16', 'q8'] as const).flatMap(kvFormat =>
    ['attn_k', 'attn_v'].map(name => [name, kvFormat] as const),
  ),
)('NaN in %s is found by the first batch, with keys and values in %s', async (name, kvFormat) => {
  const change = (input: GgufInput) => {
    const { data } = tensorOf(input, `blk.3.${name}.weight`);
    // The scale of the last block, of the last row.
    new DataView(data.buffer, data.byteOffset).setUint16(data.byteLength - 34, 0x7e00, true);
  };
  const error = await errorOf(change, gpu, { kvFormat });
  expect(error.code).toBe('badWeights');
});

test('another architecture is refused by its name', async () => {
  const error = await errorOf(input => {
    input.metadata['general.architecture'] = 'llama';
  });
  expect(error.code).toBe('unsupportedArchitecture');
  expect(error.message).toContain('llama');
});

test('one expert larger than a storage binding is a limit error', async () => {
  const small = await openGpu({ limits: { storageBindingBytesMax: 1024 } });
  try {
    const error = await errorOf(() => {}, small);
    expect(error.code).toBe('limitTooSmall');
    expect(error.message).toContain('1024');
  } finally {
    small.dispose();
  }
});

test('loading can be cancelled and leaves nothing behind', async () => {
  const before = gpu.buffers.liveCount;
  const checkpoint = await openCheckpoint(fixturePath('gguf_legacy', 'model.gguf'));
  const abort = new AbortController();
  const seen: LoadProgress[] = [];
  const error = await hearthErrorOf(() =>
    loadModel(gpu, checkpoint, {
      signal: abort.signal,
      onProgress: progress => {
        seen.push(progress);
        if (seen.length === 5) abort.abort();
      },
    }),
  );
  await checkpoint.close();
  expect(error.message).toContain('cancelled');
  expect(gpu.buffers.liveCount).toBe(before);
});

test('progress grows from start to the whole file and ends with compiling', async () => {
  const checkpoint = await openCheckpoint(fixturePath('gguf_legacy', 'model.gguf'));
  const seen: LoadProgress[] = [];
  const model = await loadModel(gpu, checkpoint, { onProgress: progress => seen.push(progress) });
  model.dispose();
  await checkpoint.close();
  expect(seen.at(-1)?.stage).toBe('compiling');
  const done = seen.map(p => p.doneBytes);
  expect(done).toEqual([...done].sort((a, b) => a - b));
  expect(done.at(-1)).toBe(seen.at(-1)?.totalBytes);
});

test('a context longer than the maximum is refused before anything is computed', async () => {
  const checkpoint = await openCheckpoint(fixturePath('gguf_legacy', 'model.gguf'));
  const model = await loadModel(gpu, checkpoint, { contextTokensMax: 20 });
  await checkpoint.close();
  const sequence = await model.createSequence();
  await model.forward(sequence, [1, 2, 3], 'last');
  const error = await hearthErrorOf(() =>
    model.forward(
      sequence,
      Array.from({ length: 18 }, () => 1),
      'last',
    ),
  );
  expect(error.code).toBe('contextFull');
  expect(sequence.position).toBe(3);
  sequence.dispose();
  model.dispose();
});

test('the MTP block is left out where the model fits without it only', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const checkpoint = await openCheckpoint(embeddedModelPath);
  const device = await openGpu();
  const load = async (mtp: LoadModelOptions['mtp'], bytesMax = Infinity): Promise<boolean> => {
    device.buffers.bytesMax = bytesMax;
    const model = await loadModel(device, checkpoint, { contextTokensMax: 512, mtp });
    device.check();
    model.dispose();
    return model.weights.mtp !== undefined;
  };
  try {
    const peak = watchBuffers(device);
    expect(await load(false)).toBe(false);
    const withoutBlock = peak();
    expect(await load('where it fits', withoutBlock)).toBe(false);
    expect(log.mock.calls.flat().join()).toMatch(/without the model's MTP block: .*the limit/);
    expect(await load('where it fits')).toBe(true);
    // The device tells of the lack itself.
    const pop = device.device.popErrorScope.bind(device.device);
    vi.spyOn(device.device, 'popErrorScope').mockImplementationOnce(async () => {
      await pop();
      return { message: 'no memory' };
    });
    expect(await load('where it fits')).toBe(false);
    expect((await hearthErrorOf(() => load(true, withoutBlock))).code).toBe('outOfDeviceMemory');
    expect((await hearthErrorOf(() => load('where it fits', 1000))).code).toBe('outOfDeviceMemory');
    expect(device.buffers.liveBytes).toBe(0);
  } finally {
    vi.restoreAllMocks();
    await checkpoint.close();
    device.dispose();
  }
});

test('a restored snapshot continues exactly as the first time', async () => {
  const checkpoint = await openCheckpoint(fixturePath('gguf_legacy', 'model.gguf'));
  const model = await loadModel(gpu, checkpoint);
  await checkpoint.close();
  const sequence = await model.createSequence();
  await model.forward(sequence, [5, 6, 7, 8, 9], 'none');
  const saved = (await sequence.takeSnapshot())!;
  const first = await model.forward(sequence, [10, 11, 12], 'last');
  await model.forward(sequence, Array.from({ length: 300 - 8 }, (_, i) => i % 200).slice(0, 120), 'none');
  sequence.restore(saved);
  expect(sequence.position).toBe(5);
  expect(await model.forward(sequence, [10, 11, 12], 'last')).toEqual(first);
  saved.dispose();
  sequence.dispose();
  model.dispose();
});

test('a model with a context of one token loads, and reads one', async () => {
  const checkpoint = await openCheckpoint(fixturePath('gguf_legacy', 'model.gguf'));
  try {
    const model = await loadModel(gpu, checkpoint, { contextTokensMax: 1 });
    const sequence = await model.createSequence();
    expect((await model.forward(sequence, [0], 'last')).length).toBe(model.vocabularySize);
    sequence.dispose();
    model.dispose();
  } finally {
    await checkpoint.close();
  }
});
