// Waits for a device that may hang: how long they take, and what all of them end in.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openGpu } from '../../../engine/gpu/device.ts';
import { DeviceWaits, patienceWith } from '../../../engine/gpu/waits.ts';
import type { HearthError } from '../../../engine/protocol/errors.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';

const never = new Promise<never>(() => undefined);
const patience = { baseMs: 1000, submissionMs: 100 };

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** Waits of a device that has compiled `compiled.count` kernels; `hung` are the failures it was told to end with. */
function waitsOf(): { waits: DeviceWaits; compiled: { count: number }; hung: HearthError[] } {
  const compiled = { count: 0 };
  const hung: HearthError[] = [];
  const waits = new DeviceWaits(
    patience,
    () => compiled.count,
    failure => hung.push(failure),
  );
  return { waits, compiled, hung };
}

/** How a wait has ended so far. */
function watched(work: Promise<unknown>): { state: string } {
  const found = { state: 'waits' };
  work.then(
    () => (found.state = 'done'),
    (error: HearthError) => (found.state = error.code),
  );
  return found;
}

describe('a wait', () => {
  test('ends in a lost device after the base and a share for each submission, and says what to do', async () => {
    const { waits, hung } = waitsOf();
    for (let i = 0; i < 5; i++) waits.count();
    const wait = waits.wait(never);
    const found = watched(wait);
    await vi.advanceTimersByTimeAsync(1499);
    expect(found.state).toBe('waits');
    await vi.advanceTimersByTimeAsync(1);
    const failure = await hearthErrorOf(() => wait);
    expect(failure).toMatchObject({ code: 'deviceLost' });
    expect(failure.message).toContain('in 2 seconds');
    expect(failure.remedy).not.toBe('');
    expect(hung).toEqual([failure]);
  });

  test('gives no time for what is known to be done, and none for what was submitted later', async () => {
    const { waits } = waitsOf();
    for (let i = 0; i < 5; i++) waits.count();
    await waits.wait(Promise.resolve(), 3);
    const found = watched(waits.wait(never, 4));
    await vi.advanceTimersByTimeAsync(1100);
    expect(found.state).toBe('deviceLost');
  });

  test('goes on while kernels are compiled or others get something done', async () => {
    const { waits, compiled } = waitsOf();
    waits.count();
    const found = watched(waits.wait(never));
    await vi.advanceTimersByTimeAsync(1000);
    compiled.count++;
    await vi.advanceTimersByTimeAsync(1000);
    waits.count();
    await waits.wait(Promise.resolve(), 1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(found.state).toBe('waits');
    await vi.advanceTimersByTimeAsync(2000);
    expect(found.state).toBe('deviceLost');
  });

  test('passes on what it waits for, and leaves no timer behind', async () => {
    const { waits } = waitsOf();
    expect(await waits.wait(Promise.resolve(7))).toBe(7);
    await expect(waits.wait(Promise.reject(new Error('unmapped')))).rejects.toThrow('unmapped');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('ends with the loss of the device, as later ones do at once', async () => {
    const { waits } = waitsOf();
    const first = watched(waits.wait(never));
    const second = watched(waits.wait(never));
    await vi.advanceTimersByTimeAsync(1000);
    expect([first.state, second.state]).toEqual(['deviceLost', 'deviceLost']);
    expect((await hearthErrorOf(() => waits.wait(never))).code).toBe('deviceLost');
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('a device that hangs ends every wait, is lost for ever after, and is closed without waiting for it', async () => {
  const gpu = await openGpu({ software: false });
  const tensor = gpu.buffers.create('y', [4], 'u32');
  const { createBuffer } = gpu.device;
  vi.spyOn(gpu.device, 'createBuffer').mockImplementation(descriptor =>
    Object.assign(createBuffer.call(gpu.device, descriptor), { mapAsync: () => never }),
  );
  vi.spyOn(gpu.device.queue, 'onSubmittedWorkDone').mockImplementation(() => never);
  const destroy = vi.spyOn(gpu.device, 'destroy');
  const read = watched(gpu.readback.words(tensor));
  const idle = watched(gpu.idle());
  const { baseMs, submissionMs } = patienceWith(gpu.pipelines.isSlow);
  await vi.advanceTimersByTimeAsync(baseMs + submissionMs);
  expect([read.state, idle.state]).toEqual(['deviceLost', 'deviceLost']);
  expect((await gpu.lost).code).toBe('deviceLost');
  expect((await hearthErrorOf(() => gpu.check())).code).toBe('deviceLost');
  gpu.dispose();
  expect(destroy).not.toHaveBeenCalled();
  vi.restoreAllMocks();
  gpu.device.destroy();
});
