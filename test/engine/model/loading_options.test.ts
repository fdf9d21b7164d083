// What a user may ask of loading: another YaRN factor, a context of any length, matrices rounded on the way.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Checkpoint } from '../../../engine/checkpoint/checkpoint.ts';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { loadModel, type VariantChoice, type LoadModelOptions } from '../../../engine/model/load.ts';
import type { Qwen3Next } from '../../../engine/model/qwen3_next.ts';
import { matricesOf } from '../../../engine/model/weights/weights.ts';
import type { LoadProgress } from '../../../engine/protocol/lifecycle.ts';
import { fixturePath, openExpected } from '../../support/golden.ts';

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openGpu();
});
afterAll(() => gpu.dispose());

/** Loads a fixture, with its configuration changed, and uses the model. */
async function withFixture<T>(
  name: string,
  options: LoadModelOptions & { without?: string; device?: Gpu },
  use: (model: Qwen3Next) => T | Promise<T>,
): Promise<T> {
  const { without, device = gpu, ...loading } = options;
  const opened = await openCheckpoint(fixturePath(name));
  const metadata = { ...opened.metadata };
  if (without !== undefined) delete metadata[without];
  // A class of its own would lose its methods when spread.
  const checkpoint: Checkpoint = Object.assign(Object.create(opened) as Checkpoint, { metadata });
  try {
    const model = await loadModel(device, checkpoint, loading);
    try {
      return await use(model);
    } finally {
      model.dispose();
    }
  } finally {
    await opened.close();
  }
}

/** Read of a fixture's prompt. */
const batchTokens = 100;

/** Logits of the beginning of the fixture's own prompt, and what the reference gave. */
async function logitsOf(name: string, model: Qwen3Next): Promise<{ got: Float32Array; want: Float32Array }> {
  const expected = await openExpected(fixturePath(name, 'expected.safetensors'));
  const ids = Array.from((await expected.read('input_ids')).values).slice(0, batchTokens);
  const want = (await expected.read('logits')).values as Float32Array;
  await expected.close();
  const sequence = await model.createSequence();
  try {
    const got = await model.forward(sequence, ids, 'all');
    return { got, want: want.subarray(0, got.length) };
  } finally {
    sequence.dispose();
  }
}

const largestDifference = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0);

const medianDifference = (a: Float32Array, b: Float32Array): number =>
  a.map((value, i) => Math.abs(value - (b[i] as number))).sort()[a.length >> 1] as number;

describe('a static YaRN factor', () => {
  test('of the user stretches the length that the file says', async () => {
    // Without rope_scaling the file says 256 tokens.
    await withFixture('yarn', { without: 'rope_scaling' }, ({ config, contextTokensMax }) => {
      expect([config.ropeScaling, contextTokensMax]).toEqual([undefined, 256]);
    });
    await withFixture('yarn', { without: 'rope_scaling', yarnFactor: 4 }, ({ config, contextTokensMax }) => {
      expect(contextTokensMax).toBe(1024);
      expect(config.ropeScaling).toMatchObject({ factor: 4, originalContext: 256 });
    });
  });

  test('takes the place of the one in the file, keeping its original context', async () => {
    await withFixture('yarn', { yarnFactor: 4, kvFormat: 'f32' }, async model => {
      expect(model.contextTokensMax).toBe(256);
      const { got, want } = await logitsOf('yarn', model);
      expect(largestDifference(got, want)).toBeLessThanOrEqual(2e-4);
    });
    await withFixture('yarn', { yarnFactor: 2, kvFormat: 'f32' }, async model => {
      expect(model.contextTokensMax).toBe(128);
      const { got, want } = await logitsOf('yarn', model);
      expect(largestDifference(got, want), 'another factor is another model').toBeGreaterThan(1e-3);
    });
  });

  test('of 1 switches off what the file says', async () => {
    await withFixture('yarn', { yarnFactor: 1 }, model => {
      expect(model.contextTokensMax).toBe(64);
      expect(model.config.ropeScaling).toBeUndefined();
    });
  });
});

describe('the context', () => {
  test('of 1,010,000 tokens is accepted in 8 bits, as far as one binding holds the keys of a layer', async () => {
    // 256 positions stretched 4,000 times: only the length matters here.
    const options = { without: 'rope_scaling', yarnFactor: 4000, contextTokensMax: 1_010_000 };
    await withFixture('yarn', options, async model => {
      expect(model.facts).toMatchObject({
        kvFormat: 'f16',
        kvFormatBeyond: { tokens: 65_536, format: 'q8' },
      });
      // Two key heads of 64 values: 16 words of codes and one of scales, to whole 16 bytes; in whole pages.
      const fitting = 256 * Math.floor(gpu.device.limits.maxStorageBufferBindingSize / (256 * 2 * 20 * 4));
      expect(model.contextTokensMax).toBe(Math.min(1_010_000, fitting));
      const sequence = await model.createSequence();
      expect((await model.forward(sequence, [1, 2, 3], 'last')).every(Number.isFinite)).toBe(true);
      sequence.dispose();
    });
    if (gpu.facts.name.startsWith('llvmpipe'))
      expect(gpu.device.limits.maxStorageBufferBindingSize).toBe(1 << 27);
  });
});

describe('rounding', () => {
  test.each([
    { quantize: 'Q8_0', most: 0.006 },
    { quantize: 'Q4_0', most: 0.04 },
  ] as const)(
    'to $quantize keeps most logits within $most of the range they have',
    async ({ quantize, most }) => {
      const seen: LoadProgress[] = [];
      const options = { quantize, kvFormat: 'f32', onProgress: (p: LoadProgress) => seen.push(p) } as const;
      await withFixture('realdims', options, async model => {
        const formats = new Set(matricesOf(model.weights).map(({ format }) => format));
        // Routers stay as they are.
        expect([...formats].sort()).toEqual([...new Set(['BF16', 'Q8_0', quantize])].sort());
        const { got, want } = await logitsOf('realdims', model);
        const range = Math.max(...want) - Math.min(...want);
        // Not the largest: where two experts are nearly equal, rounding may choose the other one.
        const usual = medianDifference(got, want) / range;
        expect(usual).toBeLessThanOrEqual(most);
        expect(usual, 'something was rounded').toBeGreaterThan(1e-5);
      });
      const last = seen.at(-1);
      expect(last).toMatchObject({ stage: 'compiling', doneBytes: last?.totalBytes });
      expect(last?.kernels?.total).toBeGreaterThan(0);
      expect(last?.kernels?.done).toBe(last?.kernels?.total);
    },
  );

  test('gives the same in parts as in one piece', async () => {
    const pieces = await openGpu({ limits: { storageBindingBytesMax: 65_536 } });
    try {
      const read = (device: Gpu) =>
        withFixture('default', { quantize: 'Q8_0', kvFormat: 'f32', device }, async model => {
          const parts = Math.max(...matricesOf(model.weights).map(matrix => matrix.parts.length));
          return { parts, ...(await logitsOf('default', model)) };
        });
      const [whole, cut] = [await read(gpu), await read(pieces)];
      expect(cut.got).toEqual(whole.got);
    } finally {
      pieces.dispose();
    }
  });

  test('leaves packed files alone', async () => {
    const opened = await openCheckpoint(fixturePath('gguf_q4km', 'model.gguf'));
    try {
      // The formats are settled before anything compiles, which takes long for so many of them.
      const settled = new Error('settled');
      let formats = new Set<string>();
      const variants: VariantChoice = {
        useKnown: model => {
          formats = new Set(matricesOf(model.weights).map(({ format }) => format));
          return Promise.reject(settled);
        },
        measure: () => Promise.resolve(),
        proved: () => Promise.resolve(),
        failed: () => Promise.resolve(),
      };
      await expect(loadModel(gpu, opened, { quantize: 'Q4_0', variants })).rejects.toBe(settled);
      expect(formats.has('Q4_K')).toBe(true);
    } finally {
      await opened.close();
    }
  });
});
