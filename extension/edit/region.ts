// The lines of a text that a piece of code replaces: from the first line that both have to the last one, and to the end of every block
// that the piece shows whole. Pure.
import { columnsOf, indentOf, isBlank } from '../../engine/shared/outline/indent.ts';
import { align, hasWords } from './align.ts';
import { endOfBlock } from '../../engine/shared/outline/outline.ts';

/** Lines `start` to `end` (exclusive), and how well the code fits there. */
export interface Region {
  start: number;
  end: number;
  score: number;
}

/** This share of the lines must be in the text too, or be like one there. */
const matchedShareMin = 0.35;
/** At least one line must be this much like its own, so that the code is tied to the place. */
const anchorLikenessMin = 0.85;

/** The place of the code in the text; undefined when too little of it is there. */
export function regionOf(
  code: readonly string[],
  original: readonly string[],
  options: { from?: number; taken?: ReadonlySet<number> } = {},
): Region | undefined {
  const { pairs, score } = align(code, original, options);
  // Brackets alone tie the code to no place: only lines with words in them do.
  const tied = pairs.filter(pair => hasWords(code[pair.code] ?? ''));
  const [first] = tied;
  const last = tied.at(-1);
  if (!first || !last) return undefined;
  const wordy = code.filter(hasWords).length;
  if (!tied.some(({ likeness }) => likeness >= anchorLikenessMin)) return undefined;
  const certain = countUnique(
    original,
    tied.filter(({ likeness }) => likeness === 1).map(pair => pair.original),
  );
  if (tied.length / wordy < matchedShareMin && certain < 2) return undefined;
  let end = last.original + 1;
  for (const pair of tied) {
    const isWhole = endOfBlock(code, pair.code) > pair.code + 1 && closesInside(code, pair.code);
    if (isWhole) end = Math.max(end, endOfBlock(original, pair.original));
  }
  for (const closer of openEnds(code)) {
    const closed = lineThatCloses(original, end, closer);
    if (closed === undefined) break;
    end = closed + 1;
  }
  return { start: first.original, end, score };
}

/** Closing brackets at the end of the code whose opening ones are not in it. */
export function openEnds(code: readonly string[]): string[] {
  const tail: string[] = [];
  for (let index = code.length - 1; index >= 0; index--) {
    const line = code[index] ?? '';
    if (isBlank(line)) continue;
    if (!isCloser(line) || isOpenedInside(code, index)) break;
    tail.unshift(line);
  }
  return tail;
}

/** The first line at or after `from` that is this closing bracket of a block around `from`. */
export function lineThatCloses(lines: readonly string[], from: number, closer: string): number | undefined {
  const columns = columnsAt(closer);
  for (let index = from; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (isBlank(line) || columnsAt(line) > columns) continue;
    return line.trim() === closer.trim() && columnsAt(line) === columns ? index : undefined;
  }
  return undefined;
}

function isCloser(line: string): boolean {
  return /^\s*(?:[)\]}][)\]};,]*|end|<\/[\w.-]*>)\s*$/.test(line);
}

/** True when the line that opens what this line closes stands above it in the code. */
function isOpenedInside(code: readonly string[], index: number): boolean {
  const columns = columnsAt(code[index] ?? '');
  for (let above = index - 1; above >= 0; above--) {
    const line = code[above] ?? '';
    if (isBlank(line) || columnsAt(line) > columns) continue;
    return columnsAt(line) === columns && !isCloser(line);
  }
  return false;
}

/** True when the block that this line opens ends before the code does, or with a closing bracket at its end. */
function closesInside(code: readonly string[], index: number): boolean {
  const end = endOfBlock(code, index);
  if (end < code.length) return true;
  const last = code[end - 1] ?? '';
  return isCloser(last) && columnsAt(last) === columnsAt(code[index] ?? '');
}

/** How many of the lines with these numbers stand nowhere else in the text. */
function countUnique(lines: readonly string[], places: readonly number[]): number {
  const times = new Map<string, number>();
  for (const line of lines) times.set(line.trim(), (times.get(line.trim()) ?? 0) + 1);
  return places.filter(place => {
    const text = lines[place]?.trim() ?? '';
    return text.length >= 8 && times.get(text) === 1;
  }).length;
}

function columnsAt(line: string): number {
  return columnsOf(indentOf(line), 4);
}
