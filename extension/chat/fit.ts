// Whether a question fits into the model's context, asked before it is sent: it may be long, and should not be lost in a message that
// fails.
import type { Attachment } from '../context/attachment.ts';
import { contextErrors } from '../context/errors.ts';
import type { Gauge, Measured } from '../context/gauge.ts';

/** Throws when the question cannot be sent with all that comes with it: by how much it is too long, and what makes it so. */
export async function checkFit(what: Measured, attached: readonly Attachment[], gauge: Gauge): Promise<void> {
  const measured = await gauge.measure(what);
  if (!measured || measured.fits) return;
  const { freeTokens, contextTokensMax, reservedTokens } = measured;
  const size = {
    overTokens: -freeTokens,
    contextTokens: contextTokensMax,
    answerTokens: reservedTokens,
  };
  const [longest] = attached
    .map(({ name, text = '' }) => ({ name, tokens: gauge.tokensOf(text) }))
    .toSorted((one, other) => other.tokens - one.tokens);
  if (!longest) throw contextErrors.isTooLong({ ...size, useWorkspace: what.useWorkspace });
  throw contextErrors.doesNotFit({ ...size, longest: longest.name, longestTokens: longest.tokens });
}
