import { expect, test } from 'vitest';
import type { Dispatch } from '../../engine/gpu/dispatch.ts';
import type { GpuTensor } from '../../engine/gpu/tensor.ts';
import { WeightMatrix } from '../../engine/kernels/weight_matrix.ts';
import type { ModelConfig } from '../../engine/model/config/config_types.ts';
import { WeightIndex } from './weight_use.ts';

const tensor = (id: number, byteLength: number) => ({ id, byteLength }) as GpuTensor;
const dense = new WeightMatrix('layers.0.qkv.q', 'Q8_0', 96, 64, [
  { rowStart: 0, rowCount: 64, planes: [tensor(1, 4096), tensor(2, 256)] },
  { rowStart: 64, rowCount: 32, planes: [tensor(3, 2048), tensor(4, 128)] },
]);
const experts = new WeightMatrix('layers.0.experts.gate_up', 'Q4_0', 8 * 32, 64, [
  { rowStart: 0, rowCount: 256, planes: [tensor(5, 8192), tensor(6, 1024)] },
]);
const index = new WeightIndex([dense, experts], { expertCount: 8, expertsPerToken: 2 } as ModelConfig);
const dispatch = (name: string, ids: number[]): Dispatch => ({
  spec: { name, source: '' },
  tensors: [tensor(100, 4), ...ids.map(id => tensor(id, 0)), tensor(101, 4)],
  groups: [1],
});

test('a kernel that binds no weights multiplies by none, and looking up rows of an embedding is no product', () => {
  expect(index.useOf(dispatch('swiglu', []), 1)).toBeUndefined();
  expect(index.useOf(dispatch('embed_rows', [1, 2]), 1)).toBeUndefined();
});

test('each part of a matrix is read by a kernel of its own', () => {
  const shape = { format: 'Q8_0', columns: 64, experts: false };
  expect(index.useOf(dispatch('matvec', [1, 2]), 1)).toEqual({ ...shape, outputs: 64, rows: 1, bytes: 4352 });
  expect(index.useOf(dispatch('matmul', [3, 4]), 16)).toEqual({
    ...shape,
    outputs: 32,
    rows: 16,
    bytes: 2176,
  });
});

test('of weights of several types that one kernel binds each counts as it is', () => {
  const both = index.useOf(dispatch('experts and another', [5, 6, 3, 4]), 1);
  expect(both).toMatchObject({ format: 'Q4_0', outputs: 64 + 32, bytes: 2304 + 2176, experts: true });
});

test('of experts only the chosen ones count, each with its part of the rows', () => {
  const shape = { format: 'Q4_0', columns: 64, experts: true };
  const one = index.useOf(dispatch('moe', [5, 6]), 1);
  expect(one).toEqual({ ...shape, outputs: 64, rows: 1, bytes: 2304 });
  const many = index.useOf(dispatch('moe', [5, 6]), 40);
  expect(many).toEqual({ ...shape, outputs: 256, rows: 10, bytes: 9216 });
});
