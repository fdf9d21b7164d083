// What the user is told when a model's own chat template cannot be used. Pure.
import type { Phrase } from '../engine/protocol/phrase.ts';
import { say, t } from './l10n.ts';

/** `fault`: why it cannot. */
export function templateNote(fault: Phrase): string {
  return t(
    "This model's own chat template is not used, but the plain form of its family: {0}. Answers may be worse for it.",
    say(fault),
  );
}
