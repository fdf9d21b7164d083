// Whether a question fits into the model's context, asked before it is sent: what is attached may be long, and should not be lost in a
// message that fails.
import type { ChatMessage } from '../../engine/protocol/chat.ts';
import type { MeasureResult } from '../../engine/protocol/measure.ts';
import type { Attachment } from '../context/attachment.ts';
import { contextErrors } from '../context/errors.ts';

export interface Measured {
  messages: ChatMessage[];
  instructions: string | undefined;
}
export interface Gauge {
  /** Undefined while no model is ready. */
  measure(what: Measured): Promise<MeasureResult | undefined>;
  tokensOf(text: string): number;
}

/** Throws when the question cannot be sent with all that is attached: which of it is long, and by how much it is too long. */
export async function checkFit(what: Measured, attached: readonly Attachment[], gauge: Gauge): Promise<void> {
  if (attached.length === 0) return;
  const measured = await gauge.measure(what);
  if (!measured || measured.fits) return;
  const { freeTokens, contextTokensMax, reservedTokens } = measured;
  const longest = attached
    .map(({ name, text = '' }) => ({ name, tokens: gauge.tokensOf(text) }))
    .toSorted((one, other) => other.tokens - one.tokens)[0];
  throw contextErrors.doesNotFit({
    overTokens: -freeTokens,
    contextTokens: contextTokensMax,
    answerTokens: reservedTokens,
    longest: longest?.name ?? '',
    longestTokens: longest?.tokens ?? 0,
  });
}
