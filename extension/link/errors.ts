// Failures of the engine process, as the extension sees them.
import { HearthError } from '../../engine/protocol/errors.ts';
import { phrase, type PhraseValue } from '../../engine/protocol/phrase.ts';

/** One factory per case. */
export const linkErrors = {
  engineExited: (how: PhraseValue) =>
    new HearthError(
      'engineExited',
      phrase`The engine process ended (${how}).`,
      phrase`It is being restarted; send the message again.`,
    ),
  engineHung: (what: PhraseValue, waitedMs: number) =>
    new HearthError(
      'engineHung',
      phrase`The engine did not answer ${what} within ${Math.round(waitedMs / 1000)} s.`,
      phrase`It is being restarted; try again.`,
    ),
  engineGaveUp: (times: number, last: PhraseValue) =>
    new HearthError(
      'engineGaveUp',
      phrase`The engine failed ${times} times in a row. Last: ${last}`,
      phrase`Look into the Hearth log, then use "Hearth: Restart Engine".`,
    ),
  noRuntime: (detail: PhraseValue) =>
    new HearthError(
      'noRuntime',
      phrase`No usable Node.js was found to run the engine: ${detail}`,
      phrase`Install Node.js 22 or newer, or set "hearth.engine.nodePath" to one.`,
    ),
};
