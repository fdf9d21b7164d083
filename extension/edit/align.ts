// Which lines of a text a piece of code stands for: the alignment of the two with the best score. The code may begin and end
// anywhere in the text, lines may be new in it or missing, and a changed line is paired with the one it is most like. Pure.
import { indentOf, isBlank } from '../../engine/shared/outline/indent.ts';

/** Line `code` of the code stands for line `original` of the text. */
export interface Pair {
  code: number;
  original: number;
  /** 1 for equal lines (white space at the ends aside), less for a line that was changed. */
  likeness: number;
}

export interface Alignment {
  /** In order; both numbers only grow. */
  pairs: Pair[];
  score: number;
}

/** A larger table of lines by lines is not filled: nobody waits for it. */
const cellsMax = 10_000_000;
/** A word in more lines than this says nothing of which line is meant. */
const linesWithWordMax = 80;
/** Lines that share fewer of their words than this are two lines, not one that was changed. */
const similarityMin = 0.51;
const cost = { newLine: 0.3, missingLine: 0.3, missingBlank: 0.05 };

/**
 * The best alignment of the code with lines `from` to `to` (exclusive) of the text. Lines whose numbers are in `taken` stand for nothing.
 * Indentation is to be the same in both.
 */
export function align(
  code: readonly string[],
  original: readonly string[],
  { from = 0, to = original.length, taken }: { from?: number; to?: number; taken?: ReadonlySet<number> } = {},
): Alignment {
  const width = to - from + 1;
  if (code.length * width > cellsMax) return { pairs: [], score: 0 };
  const text = textOf(original);
  const missing = Float32Array.from({ length: width - 1 }, (_, index) =>
    isBlank(original[from + index] ?? '') ? cost.missingBlank : cost.missingLine,
  );
  // Row i, column j: the first i lines of the code against text that ends before line j, having begun anywhere.
  const steps = new Uint8Array((code.length + 1) * width);
  let above = new Float32Array(width);
  const gains = new Float32Array(width - 1);
  for (const [index, line] of code.entries()) {
    gains.fill(0);
    for (const [place, gain] of gainsOf(line, text))
      if (place >= from && place < to && !taken?.has(place)) gains[place - from] = gain;
    const row = new Float32Array(width);
    row[0] = (above[0] ?? 0) - cost.newLine;
    for (let j = 1; j < width; j++) {
      let value = (above[j] ?? 0) - cost.newLine;
      let how: number = step.newLine;
      const left = (row[j - 1] ?? 0) - (missing[j - 1] ?? 0);
      if (left > value) [value, how] = [left, step.missing];
      const gain = gains[j - 1] ?? 0;
      if (gain > 0 && (above[j - 1] ?? 0) + gain > value)
        [value, how] = [(above[j - 1] ?? 0) + gain, step.pair];
      row[j] = value;
      steps[(index + 1) * width + j] = how;
    }
    above = row;
  }
  let end = 0;
  for (let j = 1; j < width; j++) if ((above[j] ?? 0) > (above[end] ?? 0)) end = j;

  const pairs: Pair[] = [];
  for (let i = code.length, j = end; i > 0;) {
    const how = steps[i * width + j];
    if (how === step.pair) {
      const line = code[i - 1] ?? '';
      const place = from + j - 1;
      const same = line.trim() === original[place]?.trim();
      const likeness = same ? 1 : similarity(wordsOf(line), text.words[place]);
      pairs.push({ code: i - 1, original: place, likeness });
      i--;
      j--;
    } else if (how === step.missing) j--;
    else i--;
  }
  return { pairs: pairs.reverse(), score: above[end] ?? 0 };
}

/** A line with a word in it that does more than close a block: other lines are everywhere and say nothing of a place. */
export function hasWords(line: string): boolean {
  return /[\p{L}\p{N}]/u.test(line) && !/^\s*(?:<\/[\w.:-]*>|end)\s*$/.test(line);
}

const step = { newLine: 0, missing: 1, pair: 2 };

/** The weight of each word and sign in a line; under the empty word, the weight of the line. */
type Words = ReadonlyMap<string, number>;

/** A text made ready for being searched. */
interface SearchedText {
  lines: readonly string[];
  words: readonly (Words | undefined)[];
  /** The numbers of the lines that are this one but for white space at their ends, and of those with this word. */
  trimmed: ReadonlyMap<string, number[]>;
  withWord: ReadonlyMap<string, number[]>;
}
const searched = new WeakMap<readonly string[], SearchedText>();

function textOf(lines: readonly string[]): SearchedText {
  const known = searched.get(lines);
  if (known) return known;
  const words = lines.map(wordsOf);
  const trimmed = new Map<string, number[]>();
  const withWord = new Map<string, number[]>();
  for (const [index, line] of lines.entries()) {
    addTo(trimmed, line.trim(), index);
    for (const word of words[index]?.keys() ?? []) if (isTelling(word)) addTo(withWord, word, index);
  }
  const made = { lines, words, trimmed, withWord };
  searched.set(lines, made);
  return made;
}

/** What it is worth to take the line for one of the text, for every one of which it can be taken. */
function gainsOf(line: string, text: SearchedText): Map<number, number> {
  const gains = new Map<number, number>();
  const words = wordsOf(line);
  for (const word of words?.keys() ?? []) {
    const places = isTelling(word) ? (text.withWord.get(word) ?? []) : [];
    if (places.length > linesWithWordMax) continue;
    for (const place of places) {
      if (gains.has(place)) continue;
      const shared = similarity(words, text.words[place]);
      const sameIndent = indentOf(line) === indentOf(text.lines[place] ?? '');
      gains.set(place, shared < similarityMin ? 0 : sameIndent ? 2 * shared : 2 * shared - 0.6);
    }
  }
  const hasName = words !== undefined;
  for (const place of text.trimmed.get(line.trim()) ?? []) {
    const isEqual = text.lines[place] === line;
    gains.set(place, isEqual ? (hasName ? 3 : 0.4) : hasName ? 2.2 : 0);
  }
  return gains;
}

function addTo(lists: Map<string, number[]>, key: string, value: number): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** True for a word that tells lines apart. */
function isTelling(word: string): boolean {
  return /[\p{L}\p{N}]/u.test(word) && !commonWords.has(word);
}

/** The share of their words that two lines have in common (Dice's coefficient), 0 to 1. */
function similarity(a: Words | undefined, b: Words | undefined): number {
  const [sizeA, sizeB] = [a?.get('') ?? 0, b?.get('') ?? 0];
  if (!a || !b || (2 * Math.min(sizeA, sizeB)) / (sizeA + sizeB) < similarityMin) return 0;
  let shared = 0;
  for (const [word, count] of a) if (word !== '') shared += Math.min(count, b.get(word) ?? 0);
  return (2 * shared) / (sizeA + sizeB);
}

/** Words that stand in so many lines that they say as little as a bracket. */
const commonWords = new Set(
  'import from export const let var return if else for while in of function def fn func class new this self public private static void async await'.split(
    ' ',
  ),
);

function wordsOf(line: string): Words | undefined {
  if (!hasWords(line)) return undefined;
  const weights = new Map<string, number>();
  let size = 0;
  for (const word of line.match(/[\p{L}\p{N}_$]+|[^\s\p{L}\p{N}_$]/gu) ?? []) {
    const weight = isTelling(word) ? 2 : 1;
    weights.set(word, (weights.get(word) ?? 0) + weight);
    size += weight;
  }
  return weights.set('', size);
}
