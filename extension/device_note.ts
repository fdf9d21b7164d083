// What the user is told when the self-check found that the device computes wrongly. Pure.
import type { Phrase } from '../engine/protocol/phrase.ts';
import { say, t } from './l10n.ts';

/** `fault`: the device by its name, and what differs. */
export function deviceNote(fault: Phrase): string {
  return t(
    '{0}. Answers may be nonsense. Update the graphics driver, or choose another GPU in the setting "hearth.gpu.adapter".',
    say(fault),
  );
}
