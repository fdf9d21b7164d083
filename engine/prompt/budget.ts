// What to keep when the budget is short. Pure.
import type { ChatMessage, LeftOutFile } from '../protocol/chat.ts';
import { errors } from '../protocol/errors.ts';

/** A token of text is hardly ever longer than this many characters, on average over a file. */
const charsPerTokenMax = 8;
/** For the user's list, when a file is not counted because it cannot fit. */
const charsPerTokenUsual = 3.5;

/**
 * Takes files in the given order while they fit; a file that does not fit is left out, smaller ones after it may still come.
 * Tokens are counted only for files that could fit, so a large workspace costs no more than its budget.
 */
export function selectFiles(
  files: readonly { path: string; chars: number; countTokens: () => number }[],
  budgetTokens: number,
): { included: { path: string; tokens: number }[]; leftOut: LeftOutFile[]; tokens: number } {
  const included: { path: string; tokens: number }[] = [];
  const leftOut: LeftOutFile[] = [];
  let used = 0;
  for (const { path, chars, countTokens } of files) {
    const left = budgetTokens - used;
    const tokens = chars / charsPerTokenMax > left ? undefined : countTokens();
    if (tokens !== undefined && tokens <= left) {
      used += tokens;
      included.push({ path, tokens });
    } else
      leftOut.push({
        path,
        reason: `does not fit in the context (${tokens ?? `about ${Math.ceil(chars / charsPerTokenUsual)}`} tokens)`,
      });
  }
  return { included, leftOut, tokens: used };
}

/**
 * Drops the oldest turns until `tokensOf(messages) + reserveTokens` fits: a question with its answer at a time,
 * never the system message, never the last message. Throws contextFull when the last message alone does not fit.
 */
export function fitMessages(
  messages: readonly ChatMessage[],
  {
    tokensOf,
    contextTokensMax,
    reserveTokens,
  }: {
    tokensOf: (messages: readonly ChatMessage[]) => number;
    contextTokensMax: number;
    reserveTokens: number;
  },
): { messages: ChatMessage[]; dropped: number } {
  let kept = [...messages];
  for (;;) {
    const tokens = tokensOf(kept);
    if (tokens + reserveTokens <= contextTokensMax)
      return { messages: kept, dropped: messages.length - kept.length };
    const first = kept.findIndex(m => m.role !== 'system');
    if (first < 0 || first >= kept.length - 1)
      throw errors.contextFull(tokens + reserveTokens, contextTokensMax);
    let end = first + 1;
    while (end < kept.length - 1 && kept[end]?.role !== 'user') end++;
    kept = [...kept.slice(0, first), ...kept.slice(end)];
  }
}
