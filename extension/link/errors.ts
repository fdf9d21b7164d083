// Failures of the engine process, as the extension sees them.
import { HearthError } from '../../engine/protocol/errors.ts';

/** One factory per case. */
export const linkErrors = {
  engineExited: (how: string) =>
    new HearthError(
      'engineExited',
      `The engine process ended (${how}).`,
      'It is being restarted; send the message again.',
    ),
  engineHung: (what: string, waitedMs: number) =>
    new HearthError(
      'engineHung',
      `The engine did not answer ${what} within ${Math.round(waitedMs / 1000)} s.`,
      'It is being restarted; try again.',
    ),
  engineGaveUp: (times: number, last: string) =>
    new HearthError(
      'engineGaveUp',
      `The engine failed ${times} times in a row. Last: ${last}`,
      'Look into the Hearth log, then use "Hearth: Restart Engine".',
    ),
  noRuntime: (detail: string) =>
    new HearthError(
      'noRuntime',
      `No usable Node.js was found to run the engine: ${detail}`,
      'Install Node.js 22 or newer, or set "hearth.engine.nodePath" to one.',
    ),
};
