// The device: facts, limits, and what happens when it is lost or misused.
import { expect, test } from 'vitest';
import { dawnModeInForce, dawnModes } from '../../../engine/gpu/dawn.ts';
import { DeviceTimer } from '../../../engine/gpu/device_timer.ts';
import { storageBuffersUsedMax } from '../../../engine/gpu/adapter_limits.ts';
import { openGpu } from '../../../engine/gpu/device.ts';
import { CommandList, runOnce } from '../../../engine/gpu/dispatch.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';

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
  expect((await hearthErrorOf(() => gpu.check())).code).toBe('deviceLost');
  expect((await hearthErrorOf(() => gpu.check())).code).toBe('deviceLost');
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

test.each(dawnModes)(
  'a kernel that does not compile is named with its reason, Dawn in mode %s',
  async dawn => {
    const gpu = await openGpu({ dawn });
    const spec = { name: 'broken', source: '@compute @workgroup_size(1) fn main() { let x: u32 = 1.5; }' };
    const error = await hearthErrorOf(() => gpu.pipelines.prepare([spec]));
    expect(error.code).toBe('gpuError');
    expect(error.message).toMatch(/broken.*1\.5|broken.*cannot/s);
    gpu.check();
    gpu.dispose();
  },
);

test('a kernel with the wrong number of tensors, or not compiled, is refused', async () => {
  const gpu = await openGpu();
  const spec = {
    name: 'one',
    source:
      '@group(0) @binding(0) var<storage, read_write> y: array<u32>;\n@compute @workgroup_size(1) fn main() { y[0] = 1u; }',
  };
  const list = new CommandList(gpu);
  expect((await hearthErrorOf(() => list.dispatch({ spec, tensors: [], groups: [1] }))).message).toContain(
    'compiled',
  );
  await gpu.pipelines.prepare([spec]);
  expect((await hearthErrorOf(() => list.dispatch({ spec, tensors: [], groups: [1] }))).message).toContain(
    '1 bindings',
  );
  const y = gpu.buffers.create('y', [1], 'u32');
  await runOnce(gpu, l => l.dispatch({ spec, tensors: [y], groups: [1] }));
  expect([...(await gpu.readback.words(y))]).toEqual([1]);
  y.dispose();
  expect((await hearthErrorOf(() => y.buffer)).message).toContain('freed');
  gpu.dispose();
});

test.each(dawnModes)('what cannot be bound is refused before Dawn is asked, in mode %s', async dawn => {
  const gpu = await openGpu({ dawn });
  const { maxStorageBufferBindingSize } = gpu.device.limits;
  const error = await hearthErrorOf(() => gpu.buffers.create('wide', [maxStorageBufferBindingSize / 4 + 1]));
  expect(error.code).toBe('limitTooSmall');
  expect(gpu.buffers.liveCount).toBe(0);
  gpu.dispose();
});

test('the mode of Dawn is named by the environment, and a wrong name is refused', async () => {
  expect(dawnModeInForce({})).toBe('release');
  expect(dawnModeInForce({ HEARTH_DAWN: 'checks' })).toBe('checks');
  const error = await hearthErrorOf(() => dawnModeInForce({ HEARTH_DAWN: 'fast' }));
  expect(error.code).toBe('badUsage');
  expect(error.message).toContain('fast');
});

test('no more is asked of a device than every device has, but for storage buffers', async () => {
  const gpu = await openGpu();
  const { limits } = gpu.device;
  expect([limits.maxComputeInvocationsPerWorkgroup, limits.maxComputeWorkgroupStorageSize]).toEqual([
    256, 16_384,
  ]);
  expect(limits.maxStorageBuffersPerShaderStage).toBeLessThanOrEqual(storageBuffersUsedMax);
  gpu.dispose();
  // What kernels for weights of several storage types bind, where it is there.
  for (const asked of [8, 11]) {
    const other = await openGpu({ limits: { storageBuffersPerStageMax: asked } });
    expect(other.device.limits.maxStorageBuffersPerShaderStage).toBe(asked);
    other.dispose();
  }
});

test('a buffer above the limit is a limit error', async () => {
  const gpu = await openGpu({ limits: { bufferBytesMax: 1000 } });
  expect((await hearthErrorOf(() => gpu.buffers.create('big', [251]))).code).toBe('limitTooSmall');
  gpu.dispose();
});

test('a timer tells the time of all passes since it was read', async () => {
  const gpu = await openGpu();
  const timer = DeviceTimer.create(gpu);
  expect(timer !== undefined).toBe(gpu.device.features.has('timestamp-query'));
  if (!timer) return;
  const y = gpu.buffers.create('y', [1024], 'u32');
  const spec = {
    name: 'busy',
    source:
      '@group(0) @binding(0) var<storage, read_write> y: array<u32>;\n' +
      '@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {\n' +
      '  for (var i = 0u; i < 1000u; i++) { y[id.x] = y[id.x] * 5u + i; } }',
  };
  const work = (): Promise<void> => runOnce(gpu, l => l.dispatch({ spec, tensors: [y], groups: [16] }));
  await work();
  gpu.timer = timer;
  expect(await timer.read(), 'nothing was timed yet').toBe(0);
  await work();
  const once = await timer.read();
  for (let i = 0; i < 8; i++) await work();
  const often = await timer.read();
  expect(once).toBeGreaterThan(0);
  expect(often).toBeGreaterThan(once!);
  for (let i = 0; i < 2049; i++) timer.nextPass();
  expect(await timer.read(), 'too many passes').toBeUndefined();
  timer.dispose();
  gpu.dispose();
});
