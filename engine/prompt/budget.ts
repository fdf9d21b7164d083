// What to keep when the budget is short. Pure.
import type { ChatMessage, LeftOutFile } from '../protocol/chat.ts';
import { errors } from '../protocol/errors.ts';
import { limits } from '../protocol/limits.ts';

/** A token of text is hardly ever longer than this many characters, on average over a file. */
const charsPerTokenMax = 8;
/** For the user's list, when a file is not counted because it cannot fit. */
const charsPerTokenUsual = 3.5;

/**
 * Tokens of a workspace block: what was asked for, else what the model's own limit says, else half the context. Half the
 * context is never exceeded, so that a conversation has room.
 */
export function workspaceBudget({
  contextTokensMax,
  askedTokensMax,
  ownTokensMax,
}: {
  contextTokensMax: number;
  askedTokensMax: number | undefined;
  ownTokensMax: number | undefined;
}): number {
  const half = Math.floor(contextTokensMax * limits.workspaceContextShare);
  return Math.min(half, askedTokensMax ?? ownTokensMax ?? half);
}

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
        reason: `does not fit (${tokens ?? `about ${Math.ceil(chars / charsPerTokenUsual)}`} tokens)`,
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
  const last = messages.length - 1;
  const question = messages.findIndex(message => message.role !== 'system');
  const head = question < 0 ? Math.max(0, last) : question;
  const from = (start: number) => [...messages.slice(0, head), ...messages.slice(start)];
  const needed = (start: number) => tokensOf(from(start)) + reserveTokens;
  if (needed(head) <= contextTokensMax) return { messages: [...messages], dropped: 0 };
  // Where else the conversation may begin. Counting is dear and fewer messages need less: halve, do not walk.
  const starts: number[] = [];
  for (let i = head + 1; i <= last; i++) if (i === last || messages[i]?.role === 'user') starts.push(i);
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (needed(starts[middle] as number) <= contextTokensMax) high = middle;
    else low = middle + 1;
  }
  const start = starts[low] ?? head;
  const tokens = needed(start);
  if (tokens > contextTokensMax) throw errors.contextFull(tokens, contextTokensMax);
  return { messages: from(start), dropped: start - head };
}
