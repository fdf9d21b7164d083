// Looking at the GPU through the engine: what was found is remembered for times when no engine answers.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { errors } from '../../../engine/protocol/errors.ts';
import { linkErrors } from '../../../extension/link/errors.ts';
import type { DeviceProbe } from '../../../engine/protocol/lifecycle.ts';
import type { EngineClient } from '../../../extension/link/client.ts';
import type { EngineState } from '../../../extension/link/engine_state.ts';
import { deviceKeyOf, lookAtDevice, rememberedDevice } from '../../../extension/link/probe.ts';
import type { ReadyEngine } from '../../../extension/link/supervisor.ts';
import { fakeDevice, fakeModel, silentLog } from '../../fakes/fake_engine.ts';

const known = {
  adapterName: 'fake device',
  software: true,
  maxBufferBytes: 4e9,
  storageBindingBytesMax: 2e9,
  allocatableBytes: 8e9,
  allocatableIsLowerBound: false,
};
let kept: unknown;
let warned: string[];
const memory = { get: () => kept, set: async (value: unknown) => void (kept = value) };
const log = { ...silentLog, warn: (message: string) => void warned.push(message) };
beforeEach(() => {
  kept = undefined;
  warned = [];
});
afterEach(() => vi.useRealTimers());

function engineThat(
  probe: () => Promise<DeviceProbe>,
  whenReady?: (token: CancellationToken) => Promise<ReadyEngine | undefined>,
) {
  const limits = { maxBufferSize: 4e9, maxStorageBufferBindingSize: 2e9 };
  const state: EngineState = {
    kind: 'ready',
    device: { ...fakeDevice, limits },
    model: fakeModel,
    generation: 1,
  };
  const client = { probeDevice: probe } as EngineClient;
  return {
    state,
    whenReady: whenReady ?? (async () => ({ client, model: fakeModel, process: 1, generation: 1 })),
  };
}
const found = async (): Promise<DeviceProbe> => ({ allocatableBytes: 8e9, allocatableIsLowerBound: false });

describe('the device', () => {
  test('is what the engine says, and is remembered', async () => {
    expect(await lookAtDevice(engineThat(found), memory, log)).toEqual(known);
    expect(kept).toEqual(known);
    expect(rememberedDevice(memory)).toEqual(known);
  });

  test('is what was remembered when the look or the engine fails, and the log says why', async () => {
    const failing = engineThat(async () => {
      throw errors.gpuError('no memory for a trial');
    });
    expect(await lookAtDevice(failing, memory, log)).toBeUndefined();
    expect(warned[0]).toContain('no memory for a trial');
    kept = known;
    expect(await lookAtDevice(failing, memory, log)).toEqual(known);
    const dead = engineThat(found, async () => {
      throw linkErrors.engineGaveUp(6, 'no driver');
    });
    expect(await lookAtDevice(dead, memory, log)).toEqual(known);
    expect(kept).toEqual(known);
  });

  test('is not waited for longer than a minute', async () => {
    vi.useFakeTimers();
    kept = known;
    const slow = engineThat(
      found,
      token => new Promise(resolve => token.onCancellationRequested(() => resolve(undefined))),
    );
    const looking = lookAtDevice(slow, memory, log);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await looking).toEqual(known);
  });

  test('is what was remembered while no engine runs; one is started only when nothing is', async () => {
    let asked = 0;
    const { whenReady } = engineThat(found, async () => void (asked += 1));
    const stopped = { state: { kind: 'stopped' } as const, whenReady };
    kept = known;
    expect(await lookAtDevice(stopped, memory, log)).toEqual(known);
    expect(asked).toBe(0);
    kept = undefined;
    expect(await lookAtDevice(stopped, memory, log)).toBeUndefined();
    expect(asked).toBe(1);
  });

  test('is not known when what was remembered makes no sense', async () => {
    kept = { ...known, allocatableBytes: 'much' };
    const dead = engineThat(found, async () => undefined);
    expect(await lookAtDevice(dead, memory, log)).toBeUndefined();
  });
});

test('is remembered apart for each GPU and each limit that was chosen', () => {
  const key = (adapter: string, limit: number) =>
    deviceKeyOf('hearth.device', { 'gpu.adapter': adapter, 'gpu.memoryLimitMB': limit });
  expect(key(' ', 0)).toBe('hearth.device');
  const keys = [key('', 0), key('Arc', 0), key('', 8000), key('Arc', 8000)];
  expect(new Set(keys).size).toBe(4);
});
