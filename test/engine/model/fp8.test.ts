// FP8 checkpoints with block scales: the same logits as their values in F32, and a named error for whatever is not as published.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { loadModel, type LoadModelOptions } from '../../../engine/model/load.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';
import { writeFp8Models, type Fp8Options } from '../../support/fp8_model.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

const directory = temporaryDirectory();
let written = 0;
const write = (options: Fp8Options) => writeFp8Models(join(directory, `${++written}`), options);

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openGpu();
});
afterAll(() => gpu.dispose());

/** Logits of a batch and of a step after it. */
async function logitsOf(path: string, options: LoadModelOptions = {}): Promise<number[]> {
  const checkpoint = await openCheckpoint(path);
  try {
    const model = await loadModel(gpu, checkpoint, { kvFormat: 'f32', ...options });
    const sequence = await model.createSequence();
    const ids = Array.from({ length: 12 }, (_, i) => (i * 37) % 128);
    const batch = await model.forward(sequence, ids, 'all');
    const step = await model.forward(sequence, [5], 'last');
    sequence.dispose();
    model.dispose();
    return [...batch, ...step];
  } finally {
    await checkpoint.close();
  }
}

/** As close as fixtures of F32 weights agree with their reference. */
const allowed = 1e-4;

const cases: Fp8Options[] = [
  { scaleType: 'BF16', stacked: false },
  { scaleType: 'F32', stacked: true },
];
describe.each(cases)('scales in $scaleType, experts stacked: $stacked', options => {
  test('the logits are those of the same values in F32', async () => {
    const { fp8, plain } = await write(options);
    const [got, want] = [await logitsOf(fp8), await logitsOf(plain)];
    const errors = want.map((value, i) => Math.abs(value - (got[i] as number)));
    expect(Math.max(...want.map(Math.abs))).toBeGreaterThan(1);
    expect(Math.max(...errors)).toBeLessThanOrEqual(allowed);
  });

  test('so they are when both are rounded to 8 bits while they are loaded', async () => {
    const { fp8, plain } = await write(options);
    const quantize = 'Q8_0';
    const [got, want] = [await logitsOf(fp8, { quantize }), await logitsOf(plain, { quantize })];
    const errors = want.map((value, i) => Math.abs(value - (got[i] as number)));
    expect(Math.max(...errors)).toBeLessThanOrEqual(allowed);
  });
});

describe('what is not as published', () => {
  const errorOf = async (change: NonNullable<Fp8Options['change']>, options: LoadModelOptions = {}) => {
    const { fp8 } = await write({ scaleType: 'F32', stacked: true, change });
    const before = gpu.buffers.liveCount;
    const error = await hearthErrorOf(() => logitsOf(fp8, options));
    expect(gpu.buffers.liveCount).toBe(before);
    return error;
  };
  const quantization = (settings: object) => ({
    quantization_config: { quant_method: 'fp8', fmt: 'e4m3', weight_block_size: [128, 128], ...settings },
  });
  const scalesName = 'model.layers.3.self_attn.o_proj.weight_scale_inv';

  test('missing scales are named before anything is read', async () => {
    const onProgress = vi.fn();
    const error = await errorOf(
      model => {
        model.tensors = model.tensors.filter(({ name }) => name !== scalesName);
      },
      { onProgress },
    );
    expect(onProgress).not.toHaveBeenCalled();
    expect(error.code).toBe('missingTensor');
    expect(error.message).toContain(scalesName);
  });

  test('scales of another shape are named', async () => {
    const error = await errorOf(({ tensors }) => {
      const scales = tensors.find(({ name }) => name === scalesName)!;
      expect(scales.shape).toEqual([1, 4]);
      scales.shape = [4, 1];
    });
    expect(error.code).toBe('badCheckpoint');
    expect(error.message).toContain(scalesName);
  });

  test('scales that are no numbers are named', async () => {
    const error = await errorOf(({ tensors }) => {
      const { data } = tensors.find(({ name }) => name === scalesName)!;
      new DataView(data!.buffer).setFloat32(4, NaN, true);
    });
    expect(error.code).toBe('badWeights');
    expect(error.message).toContain(scalesName);
  });

  test('a weight that is no number is found by the first batch', async () => {
    const error = await errorOf(({ tensors }) => {
      tensors.find(({ name }) => name === 'model.layers.0.linear_attn.out_proj.weight')!.data![7] = 0x7f;
    });
    expect(error.code).toBe('badWeights');
  });

  test.each([
    ['another method', { quant_method: 'gptq' }, 'gptq'],
    ['another FP8 type', { fmt: 'e5m2' }, 'e5m2'],
    ['blocks of 128 by 64', { weight_block_size: [128, 64] }, 'weight_block_size'],
    ['a block of three sizes', { weight_block_size: [128, 128, 128] }, 'weight_block_size'],
  ])('%s is refused', async (_, settings, named) => {
    const error = await errorOf(({ config }) => Object.assign(config, quantization(settings)));
    expect(error.code).toBe('badCheckpoint');
    expect(error.message).toContain(named);
  });

  test('rows that are no whole blocks are refused', async () => {
    const error = await errorOf(({ tensors }) => {
      const at = tensors.findIndex(
        ({ name }) => name === 'model.layers.0.mlp.shared_expert.down_proj.weight',
      );
      const { name, shape } = tensors[at]!;
      expect(shape).toEqual([128, 208]);
      tensors[at] = { name, shape, dtype: 'F8_E4M3', elementBytes: 1 };
      tensors.push({ name: `${name}_scale_inv`, dtype: 'F32', shape: [1, 2] });
    });
    expect(error.code).toBe('badCheckpoint');
    expect(error.message).toContain('not a multiple of 128');
  });
});
