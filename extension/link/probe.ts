// Looks at the GPU through the engine. What was found is remembered, so that there is advice even when no engine runs.
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import * as z from 'zod';
import type { DeviceFacts, DeviceProbe } from '../../engine/protocol/lifecycle.ts';
import type { KnownDevice } from '../known_device.ts';
import { asKnownError } from '../known_error.ts';
import type { Log } from '../log.ts';
import type { Settings } from '../settings.ts';
import type { StoredValue } from '../stored_value.ts';
import type { EngineSupervisor } from './supervisor.ts';

/** How long to wait for a model that is being loaded. */
const waitMs = 60_000;

const remembered = z.object({
  adapterName: z.string(),
  software: z.boolean(),
  maxBufferBytes: z.number(),
  storageBindingBytesMax: z.number(),
  allocatableBytes: z.number().optional(),
  allocatableIsLowerBound: z.boolean().optional(),
  bandwidthBytesPerSecond: z.number().optional(),
}) satisfies z.ZodType<KnownDevice>;

/**
 * The device as the engine sees it now, else as it was remembered; undefined when neither is known. An engine that does not run
 * is started only while nothing is remembered. Never rejects.
 */
export async function lookAtDevice(
  engine: Pick<EngineSupervisor, 'state' | 'whenReady'>,
  stored: StoredValue,
  log: Log,
): Promise<KnownDevice | undefined> {
  const known = rememberedDevice(stored);
  if (known && engine.state.kind === 'stopped') return known;
  const source = new CancellationTokenSource();
  const timer = setTimeout(() => source.cancel(), waitMs);
  try {
    const ready = await engine.whenReady(source.token, { retryFailed: false });
    const { state } = engine;
    if (ready && state.kind === 'ready') {
      const seen = knownDevice(state.device, await ready.client.probeDevice());
      await stored.set(seen);
      return seen;
    }
  } catch (error) {
    log.warn(`The GPU could not be looked at: ${asKnownError(error).message}`);
  } finally {
    clearTimeout(timer);
    source.dispose();
  }
  return known;
}

/** What is remembered of a device, by the name of the thing: with other settings it is another device, or has less memory. */
export function deviceKeyOf(
  what: 'hearth.device' | 'hearth.contexts',
  settings: Pick<Settings, 'gpu.adapter' | 'gpu.memoryLimitMB'>,
): string {
  const chosen = [settings['gpu.adapter'].trim(), settings['gpu.memoryLimitMB'] || ''];
  return [what, ...chosen].join(' ').trim();
}

/** The device as it was found last. */
export function rememberedDevice(stored: StoredValue): KnownDevice | undefined {
  const result = remembered.safeParse(stored.get());
  return result.success ? result.data : undefined;
}

function knownDevice(device: DeviceFacts, probe: DeviceProbe): KnownDevice {
  const { maxBufferSize = 0, maxStorageBufferBindingSize = 0 } = device.limits;
  return {
    adapterName: device.name,
    software: device.software,
    maxBufferBytes: maxBufferSize,
    storageBindingBytesMax: maxStorageBufferBindingSize,
    ...probe,
  };
}
