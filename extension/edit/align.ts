// Which lines of a text a piece of code stands for: the alignment of the two with the best score. The code may begin and end
// anywhere in the text, lines may be new in it or missing, and a changed line is paired with the one it is most like. Pure.
import { indentOf, isBlank } from './lines.ts';

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

/** Above this many pairs of lines only equal lines are paired: to compare all others would take too long. */
const similarityCellsMax = 1_500_000;
/** Lines that share fewer of their words than this are two lines, not one that was changed. */
const similarityMin = 0.51;
const cost = { newLine: 0.3, missingLine: 0.3, missingBlank: 0.05 };

/**
 * The best alignment of the code with lines `from` to `to` (exclusive) of the text. Lines whose numbers are in `taken` stand for nothing. Indentation is
 * to be the same in both.
 */
export function align(
  code: readonly string[],
  original: readonly string[],
  { from = 0, to = original.length, taken }: { from?: number; to?: number; taken?: ReadonlySet<number> } = {},
): Alignment {
  const width = to - from + 1;
  const withSimilar = code.length * width <= similarityCellsMax;
  const codeWords = code.map(wordsOf);
  const originalWords = original.slice(from, to).map(wordsOf);
  const missing = original
    .slice(from, to)
    .map(line => (isBlank(line) ? cost.missingBlank : cost.missingLine));
  // best[i][j]: the first i lines of the code against text that ends before line j, having begun anywhere.
  const best = new Float32Array((code.length + 1) * width);
  const steps = new Uint8Array((code.length + 1) * width);
  for (let i = 1; i <= code.length; i++) {
    const above = (i - 1) * width;
    const row = i * width;
    best[row] = (best[above] ?? 0) - cost.newLine;
    steps[row] = step.newLine;
    for (let j = 1; j < width; j++) {
      let value = (best[above + j] ?? 0) - cost.newLine;
      let how: number = step.newLine;
      const left = (best[row + j - 1] ?? 0) - (missing[j - 1] ?? 0);
      if (left > value) [value, how] = [left, step.missing];
      const line = from + j - 1;
      const gain = taken?.has(line)
        ? 0
        : gainOf(
            { line: code[i - 1] ?? '', words: codeWords[i - 1] },
            { line: original[line] ?? '', words: originalWords[j - 1] },
            withSimilar,
          );
      if (gain > 0 && (best[above + j - 1] ?? 0) + gain > value)
        [value, how] = [(best[above + j - 1] ?? 0) + gain, step.pair];
      best[row + j] = value;
      steps[row + j] = how;
    }
  }
  const last = code.length * width;
  let end = 0;
  for (let j = 1; j < width; j++) if ((best[last + j] ?? 0) > (best[last + end] ?? 0)) end = j;

  const pairs: Pair[] = [];
  for (let i = code.length, j = end; i > 0;) {
    const how = steps[i * width + j];
    if (how === step.pair) {
      const line = from + j - 1;
      const same = code[i - 1]?.trim() === original[line]?.trim();
      const likeness = same ? 1 : similarity(codeWords[i - 1], originalWords[j - 1]);
      pairs.unshift({ code: i - 1, original: line, likeness });
      i--;
      j--;
    } else if (how === step.missing) j--;
    else i--;
  }
  return { pairs, score: best[last + end] ?? 0 };
}

/** A line with a word in it that does more than close a block: other lines are everywhere and say nothing of a place. */
export function hasWords(line: string): boolean {
  return /[\p{L}\p{N}]/u.test(line) && !/^\s*(?:<\/[\w.:-]*>|end)\s*$/.test(line);
}

const step = { newLine: 0, missing: 1, pair: 2 };

interface LineWithWords {
  line: string;
  words: ReadonlyMap<string, number> | undefined;
}

/** What it is worth to take one line for the other; 0 when they are two lines. */
function gainOf(a: LineWithWords, b: LineWithWords, withSimilar: boolean): number {
  if (a.line === b.line) return hasWords(a.line) ? 3 : 0.4;
  if (a.line.trim() === b.line.trim()) return hasWords(a.line) ? 2.2 : 0;
  if (!withSimilar) return 0;
  const shared = similarity(a.words, b.words);
  if (shared < similarityMin) return 0;
  return indentOf(a.line) === indentOf(b.line) ? 2 * shared : 2 * shared - 0.6;
}

/** The share of their words that two lines have in common (Dice's coefficient), 0 to 1. */
function similarity(a: LineWithWords['words'], b: LineWithWords['words']): number {
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

/** The weight of each word and sign in a line; under the empty word, the weight of the line. */
function wordsOf(line: string): ReadonlyMap<string, number> | undefined {
  if (!hasWords(line)) return undefined;
  const weights = new Map<string, number>();
  let size = 0;
  for (const word of line.match(/[\p{L}\p{N}_$]+|[^\s\p{L}\p{N}_$]/gu) ?? []) {
    const weight = /[\p{L}\p{N}]/u.test(word) && !commonWords.has(word) ? 2 : 1;
    weights.set(word, (weights.get(word) ?? 0) + weight);
    size += weight;
  }
  return weights.set('', size);
}
