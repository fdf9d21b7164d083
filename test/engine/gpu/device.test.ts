// The device: facts, limits, and what happens when it is lost or misused.
import { expect, test } from 'vitest';
import { openGpu } from '../../../engine/gpu/device.ts';
import { CommandList, runOnce } from '../../../engine/gpu/dispatch.ts';
import { engineErrorOf } from '../../support/engine_error.ts';

test('opens, tells what it is, and closes twice', async () => {
  const gpu = await openGpu();
  expect(gpu.facts.name).not.toBe('');
  expect(gpu.facts.limits['maxStorageBufferBindingSize']).toBeGreaterThanOrEqual(128 * 1024 * 1024);
  gpu.dispose();
  gpu.dispose();
});

test('a lost device is a named error for ever after', async () => {
  const gpu = await openGpu();
  gpu.device.destroy();
  expect((await gpu.lost).code).toBe('deviceLost');
  expect((await engineErrorOf(() => gpu.check())).code).toBe('deviceLost');
  expect((await engineErrorOf(() => gpu.check())).code).toBe('deviceLost');
  gpu.dispose();
});

test('closing the device ourselves is not a loss', async () => {
  const gpu = await openGpu();
  let lost = false;
  void gpu.lost.then(() => (lost = true));
  gpu.dispose();
  await gpu.device.lost;
  await new Promise(resolve => setTimeout(resolve, 10));
  expect(lost).toBe(false);
});

test('a kernel that does not compile is named with the reason of the compiler', async () => {
  const gpu = await openGpu();
  const spec = { name: 'broken', source: '@compute @workgroup_size(1) fn main() { let x: u32 = 1.5; }' };
  const error = await engineErrorOf(() => gpu.pipelines.prepare([spec]));
  expect(error.code).toBe('gpuError');
  expect(error.message).toMatch(/broken.*1\.5|broken.*cannot/s);
  gpu.check();
  gpu.dispose();
});

test('a kernel with the wrong number of tensors, or not compiled, is refused', async () => {
  const gpu = await openGpu();
  const spec = {
    name: 'one',
    source:
      '@group(0) @binding(0) var<storage, read_write> y: array<u32>;\n@compute @workgroup_size(1) fn main() { y[0] = 1u; }',
  };
  const list = new CommandList(gpu);
  expect((await engineErrorOf(() => list.dispatch({ spec, tensors: [], groups: [1] }))).message).toContain(
    'compiled',
  );
  await gpu.pipelines.prepare([spec]);
  expect((await engineErrorOf(() => list.dispatch({ spec, tensors: [], groups: [1] }))).message).toContain(
    '1 bindings',
  );
  const y = gpu.buffers.create('y', [1], 'u32');
  await runOnce(gpu, l => l.dispatch({ spec, tensors: [y], groups: [1] }));
  expect([...(await gpu.readback.words(y))]).toEqual([1]);
  y.dispose();
  expect((await engineErrorOf(() => y.buffer)).message).toContain('freed');
  gpu.dispose();
});

test('a buffer above the limit is a limit error', async () => {
  const gpu = await openGpu({ limits: { bufferBytesMax: 1000 } });
  expect((await engineErrorOf(() => gpu.buffers.create('big', [251]))).code).toBe('limitTooSmall');
  gpu.dispose();
});
