// Pipelines are compiled once for each text of a kernel, whatever its name says.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { runOnce } from '../../../engine/gpu/dispatch.ts';
import type { PipelineSpec } from '../../../engine/gpu/pipeline.ts';

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openGpu();
});
afterAll(() => gpu.dispose());

/** A kernel that writes `value`, or the constant of that name. */
const writing = (value: string, more: Partial<PipelineSpec> = {}): PipelineSpec => ({
  name: 'writing',
  source: `
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  out[0] = ${value};
}`,
  ...more,
});

async function written(spec: PipelineSpec): Promise<number> {
  const out = gpu.buffers.create('out', [1], 'u32');
  await runOnce(gpu, list => list.dispatch({ spec, tensors: [out], groups: [1] }));
  const [value] = await gpu.readback.words(out);
  out.dispose();
  return value as number;
}

test('kernels of one name are told apart by source, preamble and constants', async () => {
  expect(await written(writing('1u'))).toBe(1);
  expect(await written(writing('2u'))).toBe(2);
  const preamble = (value: number) => ({ preamble: `const value = ${value}u;\n` });
  expect(await written(writing('value', preamble(3)))).toBe(3);
  expect(await written(writing('value', preamble(4)))).toBe(4);
  const constants = (value: number) => ({ preamble: 'override value: u32;\n', constants: { value } });
  expect(await written(writing('value', constants(5)))).toBe(5);
  expect(await written(writing('value', constants(6)))).toBe(6);
});

test('a kernel that was compiled is not compiled again', async () => {
  await gpu.pipelines.prepare([writing('7u')]);
  const { total } = gpu.pipelines.counts;
  await gpu.pipelines.prepare([writing('7u'), writing('7u')]);
  expect(gpu.pipelines.counts.total).toBe(total);
});
