// Devices on which memory cannot be mapped, or comes back wrong, are refused by name before anything else is tried.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { selfTest } from '../../../engine/gpu/self_test.ts';
import { errors } from '../../../engine/protocol/errors.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openGpu();
});
afterAll(() => gpu.dispose());

/** The device with buffers that fail in one way. */
function broken(
  fault: Partial<Pick<GPUBuffer, 'mapAsync' | 'getMappedRange'>>,
): Parameters<typeof selfTest>[0] {
  const device = {
    queue: { writeBuffer: () => undefined },
    createCommandEncoder: () => ({ copyBufferToBuffer: () => undefined, finish: () => undefined }),
    createBuffer: () => ({
      mapAsync: () => Promise.resolve(undefined),
      getMappedRange: () => Uint32Array.of(0x48656172).buffer,
      unmap: () => undefined,
      destroy: () => undefined,
      ...fault,
    }),
  } as unknown as GPUDevice;
  return { device, submit: () => undefined, wait: work => work };
}

test('a device that gives back what was written passes', async () => {
  await selfTest(gpu);
  await selfTest(broken({}));
});

test.each<[string, Parameters<typeof broken>[0], RegExp]>([
  ['loses what was written', { getMappedRange: () => new ArrayBuffer(4) }, /48656172 came back as 0/],
  ['maps no memory', { getMappedRange: () => new ArrayBuffer(0) }, /came back as undefined/],
  ['hangs', { mapAsync: () => Promise.reject(errors.deviceLost('it got nothing done')) }, /nothing done/],
  [
    'refuses to map',
    { mapAsync: () => Promise.reject(new Error('External buffers are not allowed')) },
    /External buffers are not allowed/,
  ],
])('a device that %s fails by name, with a remedy', async (_, fault, message) => {
  const error = await hearthErrorOf(() => selfTest(broken(fault)));
  expect(error.code).toBe('deviceSelfTestFailed');
  expect(error.message).toMatch(message);
  expect(error.remedy).toContain('driver');
});
