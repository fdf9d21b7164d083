// How much of a prompt the excerpts behind one question may take. Pure.
import type { ExcerptBudget } from './workspace_block.ts';

/** What a model with a limit of its own was trained on: up to five, in rows that have room for no more. */
const trainedChars = 4_000;
const trainedCount = 5;
/** More than that is read for longer than it helps. */
const tokensMax = 8_192;
/** Of what the block leaves of the context; the rest is for the conversation and the answer. */
const share = 0.25;
const countMax = 40;

/** `ownTokensMax`: what the model itself says of the block. */
export function excerptBudget(
  {
    contextTokensMax,
    blockTokens,
    ownTokensMax,
  }: { contextTokensMax: number; blockTokens: number; ownTokensMax: number | undefined },
  countTokens: (text: string) => number,
): ExcerptBudget {
  if (ownTokensMax !== undefined)
    return { sizeMax: trainedChars, sizeOf: text => text.length, countMax: trainedCount };
  const sizeMax = Math.min(tokensMax, Math.floor((contextTokensMax - blockTokens) * share));
  return { sizeMax, sizeOf: countTokens, countMax };
}
