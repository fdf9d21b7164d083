// Fill-in-the-middle prompt in the PSM form (design: prompt formats; qwen3-next 7.4). The cursor line's left part comes
// after <|fim_middle|>, so typing only appends to the prompt.
import type { NeighbourFile } from '../protocol/completion.ts';
import { errors } from '../protocol/errors.ts';
import type { FimIds, TextPart, TextTokenizer } from '../tokenizer/tokenizer.ts';

export interface FillInput {
  path: string;
  /** Whole lines before the cursor's line. */
  linesBefore: string;
  /** The cursor line left of the cursor. */
  lineLeft: string;
  /** Everything after the cursor. */
  suffix: string;
  repositoryName?: string;
  neighbours: readonly NeighbourFile[];
}

export interface FillPrompt {
  ids: number[];
  /** Ids up to and with <|fim_middle|>: the part that stays while the user types in the line. */
  stableLength: number;
}

/** Share of the budget for the text before the cursor; the rest is for the text after it. */
const prefixShare = 0.75;

/**
 * Keeps the prompt within budgetTokens: drops neighbours from the last, then cuts the prefix at its start (whole lines)
 * and the suffix at its end. Throws badTokenizer when the model has no fill-in-the-middle tokens,
 * contextFull when the cursor line alone is too long.
 */
export function fillPrompt(
  path: string,
  tokenizer: TextTokenizer,
  input: FillInput,
  budgetTokens: number,
): FillPrompt {
  if (!tokenizer.fim) throw errors.badTokenizer(path, 'it has no fill-in-the-middle tokens');
  const lineIds = tokenizer.encode(input.lineLeft, { special: false });
  const build = (neighbours: readonly NeighbourFile[], linesBefore: string, suffix: string): FillPrompt => {
    const stable = tokenizer.encodeParts(parts(input, neighbours, linesBefore, suffix));
    return { ids: [...stable, ...lineIds], stableLength: stable.length };
  };
  let { linesBefore, suffix } = input;
  for (let count = input.neighbours.length; count > 0; count--) {
    const prompt = build(input.neighbours.slice(0, count), linesBefore, suffix);
    if (prompt.ids.length <= budgetTokens) return prompt;
  }
  const bare = build([], '', '').ids.length;
  const room = budgetTokens - bare;
  if (room < 0) throw errors.contextFull(bare, budgetTokens);
  linesBefore = lastLines(tokenizer, linesBefore, Math.floor(room * prefixShare));
  const used = tokenizer.encode(linesBefore, { special: false }).length;
  suffix = firstTokens(tokenizer, suffix, room - used);
  const prompt = build([], linesBefore, suffix);
  return prompt.ids.length <= budgetTokens ? prompt : build([], linesBefore, '');
}

/** Tokens that end a completion: end of text and every fill-in-the-middle or file token (qwen3-next 7.4). */
export function fillStopIds(tokenizer: TextTokenizer): number[] {
  const fim: Partial<FimIds> = tokenizer.fim ?? {};
  return [...new Set([...tokenizer.eosIds, ...Object.values(fim).filter(id => id !== undefined)])];
}

function parts(
  input: FillInput,
  neighbours: readonly NeighbourFile[],
  linesBefore: string,
  suffix: string,
): TextPart[] {
  const trusted = (text: string): TextPart => ({ text, trusted: true });
  const user = (text: string): TextPart => ({ text, trusted: false });
  const list: TextPart[] = [];
  if (neighbours.length > 0) {
    list.push(trusted('<|repo_name|>'), user(`${input.repositoryName ?? 'workspace'}\n`));
    for (const file of neighbours) {
      const content = file.content.endsWith('\n') ? file.content : `${file.content}\n`;
      list.push(trusted('<|file_sep|>'), user(`${file.path}\n${content}`));
    }
  }
  list.push(trusted('<|file_sep|>'), user(`${input.path}\n`));
  list.push(
    trusted('<|fim_prefix|>'),
    user(linesBefore),
    trusted('<|fim_suffix|>'),
    user(suffix),
    trusted('<|fim_middle|>'),
  );
  return list;
}

/** The last whole lines of at most `tokens` tokens. */
function lastLines(tokenizer: TextTokenizer, text: string, tokens: number): string {
  const lines = text.split(/(?<=\n)/);
  let used = 0;
  let first = lines.length;
  while (first > 0) {
    used += tokenizer.encode(lines[first - 1] as string, { special: false }).length;
    if (used > tokens) break;
    first--;
  }
  return lines.slice(first).join('');
}

/** The first lines of at most `tokens` tokens. */
function firstTokens(tokenizer: TextTokenizer, text: string, tokens: number): string {
  const lines = text.split(/(?<=\n)/);
  let used = 0;
  let count = 0;
  for (const line of lines) {
    used += tokenizer.encode(line, { special: false }).length;
    if (used > tokens) break;
    count++;
  }
  return lines.slice(0, count).join('');
}
