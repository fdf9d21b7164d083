// The first request to an engine that has just started: checks the protocol version and asks for the device.
import { setTimeout as delay } from 'node:timers/promises';
import { errors } from '../../engine/protocol/errors.ts';
import { phrase } from '../../engine/protocol/phrase.ts';
import { linkErrors } from './errors.ts';
import { protocolVersion, type DeviceFacts } from '../../engine/protocol/lifecycle.ts';
import type { Log } from '../log.ts';
import type { EngineClient } from './client.ts';

/** Time the engine has to answer initialize before it counts as hung: a cold driver compiles shaders. */
const initializeDeadlineMs = 120_000;

/**
 * Initializes the engine and returns its device. Throws engineHung, badParams for another protocol version, or the
 * engine's own reason when it cannot open a device.
 */
export async function shakeHands(
  client: Pick<EngineClient, 'initialize'>,
  clientVersion: string,
  log: Log,
): Promise<DeviceFacts> {
  const deadline = new AbortController();
  const late = delay(initializeDeadlineMs, undefined, { signal: deadline.signal, ref: false }).then(
    () => Promise.reject(linkErrors.engineHung('initialize', initializeDeadlineMs)),
    () => new Promise<never>(() => undefined),
  );
  try {
    const answer = client.initialize({ protocolVersion, clientName: 'hearth-vscode', clientVersion });
    const result = await Promise.race([answer, late]);
    if (result.protocolVersion !== protocolVersion)
      throw errors.badParams(
        phrase`the engine speaks protocol ${result.protocolVersion}, the extension ${protocolVersion}`,
      );
    log.info(`Engine ${result.engineVersion} on ${result.device.name} (${result.device.backend}).`);
    return result.device;
  } finally {
    deadline.abort();
  }
}
