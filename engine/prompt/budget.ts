// What to keep when the budget is short. Pure.
import type { ChatMessage, LeftOutFile } from '../protocol/chat.ts';
import { phrase } from '../protocol/phrase.ts';

/** Share of the context the workspace block may take; the rest is for the conversation. */
const workspaceContextShare = 0.5;

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
  const half = Math.floor(contextTokensMax * workspaceContextShare);
  return Math.min(half, askedTokensMax ?? ownTokensMax ?? half);
}

/** Share of a workspace block that a map of the files without room may take. */
const mapShare = 1 / 8;
/** A longer map is read for longer than it helps; in a shorter one there is nothing. */
const mapTokensMax = 8_192;
const mapTokensMin = 64;
export const mapCharsMax = mapTokensMax * charsPerTokenMax;

/** Tokens of the map in a workspace block; undefined where it has no room. */
export function mapBudget(blockTokens: number): number | undefined {
  const tokens = Math.min(mapTokensMax, Math.floor(blockTokens * mapShare));
  return tokens < mapTokensMin ? undefined : tokens;
}

/** True when a text of so many characters is sure to have more tokens than that. */
export function tokensAreMoreThan(tokens: number, chars: number): boolean {
  return chars / charsPerTokenMax > tokens;
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
    const tokens = tokensAreMoreThan(left, chars) ? undefined : countTokens();
    if (tokens !== undefined && tokens <= left) {
      used += tokens;
      included.push({ path, tokens });
    } else
      leftOut.push({
        path,
        reason:
          tokens === undefined
            ? phrase`does not fit (about ${Math.ceil(chars / charsPerTokenUsual)} tokens)`
            : phrase`does not fit (${tokens} tokens)`,
      });
  }
  return { included, leftOut, tokens: used };
}

/**
 * Drops the oldest turns until the prompt and `reserveTokens` fit: a question with its answer at a time, never the system
 * message, never the last message. Gives the prompt of what is left, which `fits` unless the last message alone does not;
 * `wholeTokens` of the prompt with all messages.
 */
export function fitMessages<Prompt extends { readonly ids: readonly number[] }>(
  messages: readonly ChatMessage[],
  {
    promptOf,
    contextTokensMax,
    reserveTokens,
  }: {
    /** Renders and tokenizes; called as seldom as possible. */
    promptOf: (messages: readonly ChatMessage[]) => Prompt;
    contextTokensMax: number;
    reserveTokens: number;
  },
): {
  messages: ChatMessage[];
  prompt: Prompt;
  dropped: number;
  wholeTokens: number;
  fits: boolean;
} {
  const last = messages.length - 1;
  const question = messages.findIndex(message => message.role !== 'system');
  const head = question < 0 ? Math.max(0, last) : question;
  const fitFrom = (start: number) => {
    const left = [...messages.slice(0, head), ...messages.slice(start)];
    const prompt = promptOf(left);
    const fits = prompt.ids.length + reserveTokens <= contextTokensMax;
    return { messages: left, prompt, dropped: start - head, fits };
  };
  const whole = fitFrom(head);
  // Where else the conversation may begin. Counting is dear and fewer messages need less: halve, do not walk.
  const starts: number[] = [];
  for (let i = head + 1; i <= last; i++) if (i === last || messages[i]?.role === 'user') starts.push(i);
  let best = whole;
  let [low, high] = [0, whole.fits ? -1 : starts.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const tried = fitFrom(starts[middle] as number);
    if (tried.fits || !best.fits) best = tried;
    if (tried.fits) high = middle - 1;
    else low = middle + 1;
  }
  return { ...best, wholeTokens: whole.prompt.ids.length };
}
