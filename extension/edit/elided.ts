// Code that leaves out what stays as it is ("// ... existing code ..."), put together with the text it was shortened from. Pure.
import { columnsOf, indentOf, isBlank } from '../../engine/shared/outline/indent.ts';
import { type LineEdit, withoutBlankEnds } from './lines.ts';
import { isComment } from '../../engine/shared/outline/outline.ts';
import { lineThatCloses, openEnds, regionOf } from './region.ts';

const sign = String.raw`(?://+|#+|/\*+|<!--|--+|;+|%+|\{/\*+|""")`;
const dots = String.raw`(?:\.{3}|…)`;
const kept = String.raw`(?:existing|rest|remaining|remainder|unchanged|same|previous|other|omitted|as before|keep|no changes?)`;
const elisions = [
  // A comment with dots that speaks of what stays, or with dots alone.
  new RegExp(String.raw`^${sign}\s*\[?${dots}.*\b${kept}\b`, 'i'),
  new RegExp(String.raw`^${sign}.*\b${kept}\b.*${dots}`, 'i'),
  new RegExp(String.raw`^${sign}\s*\[?${dots}\]?\s*(?:\*+/\}?|-->|""")?$`),
  // A comment without dots.
  /^(?:\/\/+|#+|--+|\/\*+|<!--)\s*(?:the\s+)?(?:rest|remainder)\b.*\b(?:unchanged|same|code|file|function|class|as before|here)\b/i,
  /^(?:\/\/+|#+|--+|\/\*+|<!--)\s*(?:existing|remaining|other|unchanged|previous)\s+(?:\w+\s+)?(?:code|imports?|methods?|functions?|lines|content|fields|props|properties|styles|rules|tests?)\s*(?:here|unchanged|stays?|remains?|go(?:es)? here)?\.?\s*(?:\*\/|-->)?$/i,
  // Dots and words without a comment sign.
  new RegExp(String.raw`^\[?${dots}\s*\(?(?:the\s+)?${kept}\b.*$`, 'i'),
];

/** True for a line that stands for lines which are left out. */
export function isElision(line: string): boolean {
  const text = line.trim();
  return elisions.some(pattern => pattern.test(text));
}

interface Chunk {
  lines: string[];
  /** Something is left out right before it, or right after it. */
  cutBefore: boolean;
  cutAfter: boolean;
}

/**
 * The edits that bring the shown parts of the code into the text and keep all the rest; undefined when a part has no place.
 * Code and text are indented alike.
 */
export function placeElided(code: readonly string[], original: readonly string[]): LineEdit[] | undefined {
  const edits: LineEdit[] = [];
  /** Parts that are new and wait for the next one that has a place. */
  let waiting: string[] = [];
  let position = 0;
  let anyPlaced = false;
  const chunks = chunksOf(code);
  for (const [index, chunk] of chunks.entries()) {
    const region = regionOf(chunk.lines, original, { from: position });
    if (region) {
      anyPlaced = true;
      const lines = [...waiting, ...(waiting.length > 0 ? [''] : []), ...chunk.lines];
      edits.push({ start: region.start, end: region.end, lines });
      waiting = [];
      position = region.end;
      continue;
    }
    const closers = openEnds(chunk.lines);
    const body = withoutBlankEnds(chunk.lines.slice(0, lastIndexOfBody(chunk.lines, closers.length)));
    const [closer] = closers;
    const closed = closer === undefined ? undefined : lineThatCloses(original, position, closer);
    if (closed !== undefined) {
      edits.push(insertion(original, closed, [...waiting, ...body]));
      waiting = [];
      position = closed + closers.length;
    } else if (index === 0 && !chunk.cutBefore) edits.push(insertion(original, afterHeader(original), body));
    else waiting = [...waiting, ...(waiting.length > 0 ? [''] : []), ...body];
  }
  if (waiting.length > 0) {
    const last = chunks.at(-1);
    if (!anyPlaced && (last?.cutAfter || indentOf(waiting[0] ?? '') !== '')) return undefined;
    edits.push(insertion(original, endFor(waiting, original, position), waiting));
  }
  return edits;
}

function chunksOf(code: readonly string[]): Chunk[] {
  const chunks: Chunk[] = [{ lines: [], cutBefore: false, cutAfter: false }];
  for (const line of code) {
    const chunk = chunks.at(-1);
    if (!chunk) continue;
    if (isElision(line)) {
      chunk.cutAfter = true;
      chunks.push({ lines: [], cutBefore: true, cutAfter: false });
    } else chunk.lines.push(line);
  }
  return chunks
    .map(chunk => ({ ...chunk, lines: withoutBlankEnds(chunk.lines) }))
    .filter(({ lines }) => lines.length > 0);
}

/** Where the lines end that stand before so many closing lines. */
function lastIndexOfBody(lines: readonly string[], closers: number): number {
  let left = closers;
  let index = lines.length;
  while (left > 0 && index > 0) if (!isBlank(lines[--index] ?? '')) left--;
  return index;
}

/** Lines put before line `at`, apart from what stands there by a blank line, as far as they are no part of it. */
function insertion(original: readonly string[], at: number, lines: readonly string[]): LineEdit {
  const before = original[at - 1];
  const after = original[at];
  const gapBefore = before !== undefined && !isBlank(before) && !opensBlock(before) && lines.length > 1;
  const gapAfter = after !== undefined && !isBlank(after) && !/^\s*[)\]}]/.test(after) && lines.length > 1;
  return { start: at, end: at, lines: [...(gapBefore ? [''] : []), ...lines, ...(gapAfter ? [''] : [])] };
}

function opensBlock(line: string): boolean {
  return /[{([:]\s*$/.test(line);
}

/** The end of the block that `position` is in and that holds lines of this indentation; at most the end of the text. */
function endFor(lines: readonly string[], original: readonly string[], position: number): number {
  const columns = columnsOf(indentOf(lines.find(line => !isBlank(line)) ?? ''), 4);
  for (let index = position; index < original.length; index++) {
    const line = original[index] ?? '';
    if (isBlank(line) || columnsOf(indentOf(line), 4) >= columns) continue;
    return original.slice(0, index).findLastIndex(inside => !isBlank(inside)) + 1;
  }
  return original.findLastIndex(line => !isBlank(line)) + 1;
}

/** Behind the first comment of the text, or the line that names its interpreter. */
function afterHeader(original: readonly string[]): number {
  return Math.max(
    0,
    original.findIndex(line => !isBlank(line) && !isComment(line) && !/^['"]use /.test(line)),
  );
}
