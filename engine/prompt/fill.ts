// Fill-in-the-middle prompt in the PSM form (docs/MODEL.md 11.6). The cursor line's left part comes
// after <|fim_middle|>, so typing only appends to the prompt. The parts stand between added tokens, so each is encoded
// alone and the budget is plain counting.
import type { NeighbourFile } from '../protocol/completion.ts';
import { errors } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';
import type { FimIds, TextTokenizer } from '../tokenizer/tokenizer.ts';

export interface FillInput {
  path: string;
  /** Whole lines before the cursor's line. */
  linesBefore: string;
  /** The cursor line left of the cursor. */
  lineLeft: string;
  /** Everything after the cursor. */
  suffix: string;
  repositoryName?: string;
  /** In order of worth, the most useful first: the last is dropped first. */
  neighbours: readonly NeighbourFile[];
}

export interface FillPrompt {
  ids: number[];
  /** Ids up to and with <|fim_middle|>: the part that stays while the user types in the line. */
  stableLength: number;
}

/** Share of the budget the text after the cursor is sure of; more of it comes in where the text before leaves room. */
const suffixShare = 0.25;
/** Share of the budget that the cursor line may take; of a longer one the end stays, cut in the same steps as the room for it. */
const lineShare = 0.75;
/** Room for the cursor line is taken in steps, so that what is cut elsewhere stays the same while the line is typed. */
const lineStepTokensMax = 64;

/**
 * Keeps the prompt within budgetTokens: drops neighbours from the last, then cuts the prefix at its start (whole lines)
 * and the suffix at its end; a cursor line that is too long alone is cut at its start. Throws badTokenizer when the model has
 * no fill-in-the-middle tokens, contextFull when the path of the file alone is too long.
 */
export function fillPrompt(
  path: string,
  tokenizer: TextTokenizer,
  input: FillInput,
  budgetTokens: number,
): FillPrompt {
  const { fim } = tokenizer;
  if (!fim) throw errors.badTokenizer(path, phrase`it has no fill-in-the-middle tokens`);
  const encode = (text: string) => tokenizer.encode(text, { special: false });
  const file = fim.fileSep === undefined ? [] : [fim.fileSep, ...encode(`${input.path}\n`)];
  const frame = file.length + [fim.prefix, fim.suffix, fim.middle].length;
  const step = Math.max(1, Math.min(lineStepTokensMax, budgetTokens >> 3));
  const line = lastTokens(encode, input.lineLeft, Math.floor((budgetTokens - frame) * lineShare), step);
  const needed = frame + line.length;
  if (needed > budgetTokens) throw errors.contextFull(needed, budgetTokens);

  const lineRoom = Math.ceil((line.length + 1) / step) * step;
  const room = Math.max(0, budgetTokens - needed + line.length - lineRoom);
  const suffixSure = firstTokens(encode, input.suffix, Math.floor(room * suffixShare));
  const prefix = lastLines(encode, input.linesBefore, room - suffixSure.length);
  const suffix = firstTokens(encode, input.suffix, room - prefix.length);
  const others = neighbourIds(encode, fim, input, room - prefix.length - suffix.length);
  const ids = others.concat(file, fim.prefix, prefix, fim.suffix, suffix, fim.middle);
  return { ids: ids.concat(line), stableLength: ids.length };
}

/** Tokens that end a completion: end of text and every fill-in-the-middle or file token (docs/MODEL.md 11.6). */
export function fillStopIds(tokenizer: TextTokenizer): number[] {
  const fim: Partial<FimIds> = tokenizer.fim ?? {};
  return [...new Set([...tokenizer.eosIds, ...Object.values(fim).filter(id => id !== undefined)])];
}

type Encode = (text: string) => number[];

/** Repository name and the first neighbours that fit, the most useful last, next to the file; nothing when none fits. */
function neighbourIds(encode: Encode, fim: FimIds, input: FillInput, room: number): number[] {
  const { fileSep, repoName } = fim;
  if (fileSep === undefined || repoName === undefined) return [];
  const name = [repoName, ...encode(`${input.repositoryName ?? 'workspace'}\n`)];
  let files: number[] = [];
  for (const { path, content } of input.neighbours) {
    const file = [fileSep, ...encode(`${path}\n${content}${content.endsWith('\n') ? '' : '\n'}`)];
    if (name.length + file.length + files.length > room) break;
    files = file.concat(files);
  }
  return files.length > 0 ? name.concat(files) : [];
}

/** Ids of the last whole lines that fit into `room` tokens, encoded as one text. */
function lastLines(encode: Encode, text: string, room: number): number[] {
  const whole = encode(text);
  if (whole.length <= room) return whole;
  const lines = text.split(/(?<=\n)/);
  let first = lines.length;
  for (let used = 0; first > 0; first--) {
    used += encode(lines[first - 1] as string).length;
    if (used > room) break;
  }
  // Lines may merge otherwise together than alone; hardly ever into more tokens.
  let kept = encode(lines.slice(first).join(''));
  while (kept.length > room) kept = encode(lines.slice(++first).join(''));
  return kept;
}

/** The last tokens, one at least; the start moves in steps, so that a line that is typed on mostly grows at its end. */
function lastTokens(encode: Encode, text: string, room: number, step: number): number[] {
  const whole = encode(text);
  if (whole.length <= room) return whole;
  const cut = Math.ceil((whole.length - room) / step) * step;
  return whole.slice(Math.min(cut, whole.length - 1));
}

/** The first tokens; the suffix ends before an added token, so it may be cut anywhere. */
function firstTokens(encode: Encode, text: string, room: number): number[] {
  return encode(text).slice(0, Math.max(0, room));
}
