// Which subgroup matrices are used, and that the kernels written for them compile on a device that has them.
import { create, globals } from 'webgpu';
import { describe, expect, test } from 'vitest';
import { Gpu, type GpuLimits } from '../../../engine/gpu/device.ts';
import { CommandList } from '../../../engine/gpu/dispatch.ts';
import {
  matrixFeature,
  matrixShapeOf,
  withOrWithoutMatrices,
  type MatrixShape,
} from '../../../engine/gpu/matrices.ts';
import type { PipelineSpec } from '../../../engine/gpu/pipeline.ts';
import { rows } from '../../../engine/kernels/launch.ts';
import { matmulBlock } from '../../../engine/kernels/matmul_block.ts';
import { tileCountMax } from '../../../engine/kernels/moe_lists.ts';
import { blockTileRows, moeMatmulBlock } from '../../../engine/kernels/moe_matmul_block.ts';
import type { DeviceFacts } from '../../../engine/protocol/lifecycle.ts';
import { GpuFixture } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';
import { uploadMatrix } from '../../support/weights.ts';

const config = (M: number, N: number, K: number, componentType: string, resultType = 'f32') => ({
  M,
  N,
  K,
  componentType,
  resultType,
});
const device = { hasF16: true, subgroupMaxSize: 32, lanesMax: 256 };

describe('the shape of subgroup matrices', () => {
  test('is of halves with f32 sums where there are such, and the largest', () => {
    const configs = [
      config(8, 8, 8, 'f32'),
      config(16, 8, 8, 'f16'),
      config(16, 16, 16, 'f16'),
      config(16, 8, 16, 'f16'),
    ];
    expect(matrixShapeOf(configs, device)).toEqual({ outputs: 16, rows: 16, depth: 16, halves: true });
  });
  test('is of f32 on a device without halves', () => {
    const configs = [config(16, 16, 16, 'f16'), config(8, 8, 8, 'f32')];
    const shape = { outputs: 8, rows: 8, depth: 8, halves: false };
    expect(matrixShapeOf(configs, { ...device, hasF16: false })).toEqual(shape);
  });
  test.each([
    { what: 'sums in halves', configs: [config(8, 8, 8, 'f16', 'f16')] },
    { what: 'integers', configs: [config(16, 16, 32, 'i8', 'i32')] },
    {
      what: 'a size that parts of a block are not cut to',
      configs: [config(16, 16, 32, 'f16'), config(12, 16, 16, 'f32')],
    },
    {
      what: 'subgroups of which four are more than a workgroup',
      configs: [config(8, 8, 8, 'f32')],
      subgroupMaxSize: 128,
    },
    { what: 'no subgroups', configs: [config(8, 8, 8, 'f32')], subgroupMaxSize: 0 },
    { what: 'nothing', configs: [] },
  ])('there is none with $what', ({ configs, subgroupMaxSize = 32 }) => {
    expect(matrixShapeOf(configs, { ...device, subgroupMaxSize })).toBeUndefined();
  });
});

describe('a device', () => {
  const features: GPUFeatureName[] = ['subgroups', matrixFeature];
  const asked: GPUFeatureName[][] = [];
  /** Refuses what has one of these features. */
  const refusing = (refused: GPUFeatureName[]) => (wanted: GPUFeatureName[]) => {
    asked.push(wanted);
    return wanted.some(feature => refused.includes(feature))
      ? Promise.reject(new Error('refused'))
      : Promise.resolve('device');
  };
  test('is asked for with matrices, and without them when it is refused', async () => {
    asked.length = 0;
    expect(await withOrWithoutMatrices(features, refusing([]))).toBe('device');
    expect(await withOrWithoutMatrices(features, refusing([matrixFeature]))).toBe('device');
    expect(asked).toEqual([features, features, ['subgroups']]);
  });
  test('that is refused for another reason is not asked for again and again', async () => {
    asked.length = 0;
    await expect(withOrWithoutMatrices(['subgroups'], refusing(['subgroups']))).rejects.toThrow('refused');
    expect(asked).toEqual([['subgroups']]);
  });
});

// Dawn's Null backend has the feature: nothing runs on it, but its compiler and its checks of pipelines are the real ones.
const shapes: MatrixShape[] = [
  { outputs: 8, rows: 8, depth: 8, halves: false },
  { outputs: 16, rows: 16, depth: 16, halves: true },
  { outputs: 8, rows: 16, depth: 16, halves: true },
];
describe.each(shapes)('matrices of $outputs x $rows x $depth, halves: $halves', shape => {
  test.each([32, 64])('compile with subgroups of up to %i lanes', async subgroupMaxSize => {
    const f = await nullFixture(shape, subgroupMaxSize);
    const { gpu } = f;
    try {
      const specs: PipelineSpec[] = [];
      const list = new CommandList(gpu, specs);
      const { w } = uploadMatrix(f, new Random(1), { format: 'Q4_K', rows: 64, columns: 256 });
      const x = f.poisoned(64 * 256);
      const y = f.poisoned(64 * 64);
      matmulBlock(list, rows(x, 256), w, rows(y, 64), { count: 64 });
      const tileRows = blockTileRows[0]!;
      const lists = {
        ...{
          order: f.poisonedWords(8),
          tiles: f.poisonedWords(16),
          launches: f.launches([0, 0, 0, 0, 0, 0]),
        },
        tileRows,
        tileCount: tileCountMax(8, 2, tileRows),
        tilesUsual: 2,
      };
      moeMatmulBlock(list, x, w, lists, y, { outputs: 32, xDivisor: 2, product: 0 });
      await gpu.pipelines.prepare(specs);
      expect(specs.map(({ name, matrix }) => [name, matrix])).toEqual([
        ['matmul_block', true],
        ['matmul_block', true],
        ['moe_matmul_block', true],
        ['moe_matmul_block', true],
        ['moe_matmul_block', true],
      ]);
    } finally {
      gpu.dispose();
    }
  });
});

async function nullFixture(matrix: MatrixShape, subgroupMaxSize: number): Promise<GpuFixture> {
  Object.assign(globalThis, globals);
  const adapter = await nothing.requestAdapter();
  if (!adapter) throw new Error('Dawn has no Null backend');
  const opened = await adapter.requestDevice({
    requiredFeatures: ['subgroups', 'shader-f16', matrixFeature],
  });
  const limits: GpuLimits = {
    storageBindingBytesMax: 2 ** 27,
    bufferBytesMax: 2 ** 27,
    invocationsPerWorkgroupMax: 256,
    workgroupMemoryBytesMax: 16_384,
    storageBuffersPerStageMax: 8,
  };
  const facts = {
    software: false,
    limits: { subgroupMinSize: 4, subgroupMaxSize },
  } as unknown as DeviceFacts;
  const gpu = new Gpu(opened, facts, limits, { matmul: 'block', staged: 'matrix' });
  gpu.matrix = matrix;
  return new GpuFixture(gpu);
}
/** Stays referenced: see engine/gpu/dawn.ts. */
const nothing = create(['backend=null', 'enable-dawn-features=allow_unsafe_apis']);
