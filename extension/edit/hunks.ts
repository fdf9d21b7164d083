// Changes of a text that wait to be accepted or rejected one by one, and where they stand while the text goes on changing. The
// text has the changes already: to accept one is to forget it, to reject one is to put the lines back that it replaced. Pure.
import { diffArrays } from 'diff';
import { editLines, type LineEdit } from './lines.ts';

export interface Hunk {
  /** Stays the same as long as the hunk is there. */
  id: number;
  /** Its lines in the text now: `start` to `end` (exclusive); none for lines that were only removed. */
  start: number;
  end: number;
  /** The lines that stood there before. */
  removed: readonly string[];
}

/** A change somebody made: lines `start` to `end` (exclusive) became `count` lines. */
export interface LineChange {
  start: number;
  end: number;
  count: number;
}

let lastId = 0;

/** The differences of two texts, as hunks of the second one, which begins at line `offset` of the whole. */
export function makeHunks(before: readonly string[], after: readonly string[], offset = 0): Hunk[] {
  const hunks: Hunk[] = [];
  let line = offset;
  let open: { removed: string[]; added: number } | undefined;
  const close = (): void => {
    if (!open) return;
    hunks.push({ id: ++lastId, start: line, end: line + open.added, removed: open.removed });
    line += open.added;
    open = undefined;
  };
  for (const part of diffArrays([...before], [...after])) {
    if (!part.added && !part.removed) {
      close();
      line += part.value.length;
      continue;
    }
    open ??= { removed: [], added: 0 };
    if (part.added) open.added += part.value.length;
    else open.removed.push(...part.value);
  }
  close();
  return hunks;
}

/** The edit that takes a hunk back. */
export function rejection({ start, end, removed }: Hunk): LineEdit {
  return { start, end, lines: removed };
}

/** The text without its hunks. */
export function textBefore(lines: readonly string[], hunks: readonly Hunk[]): string[] {
  return editLines(lines, hunks.map(rejection));
}

/** Where each hunk begins in the text before. */
export function startsBefore(hunks: readonly Hunk[]): number[] {
  let shift = 0;
  return hunks.map(({ start, end, removed }) => {
    const before = start - shift;
    shift += end - start - removed.length;
    return before;
  });
}

/** The hunks that replaced or joined these lines of the text before. */
export function hunksOfLines(hunks: readonly Hunk[], { start, end }: { start: number; end: number }): Hunk[] {
  const starts = startsBefore(hunks);
  return hunks.filter(({ removed }, index) => {
    const from = starts[index] ?? 0;
    return from <= end && from + removed.length >= start;
  });
}

/** The hunks after one of them is rejected or otherwise replaced by `count` lines; those below it move. */
export function without(hunks: readonly Hunk[], hunk: Hunk, count = hunk.removed.length): Hunk[] {
  const shift = count - (hunk.end - hunk.start);
  return hunks.flatMap(one => {
    if (one.id === hunk.id) return [];
    return one.start >= hunk.end ? [moved(one, shift)] : [one];
  });
}

/**
 * The hunks after somebody has changed the text beside or in them. A change that touches a hunk becomes a part of it, with the
 * lines around that it changed along; hunks that say no more than the text said before are gone.
 */
export function afterChange(
  hunks: readonly Hunk[],
  change: LineChange,
  text: { before: readonly string[]; after: readonly string[] },
): Hunk[] {
  const shift = change.count - (change.end - change.start);
  const above = hunks.filter(({ start, end }) => end <= change.start && !isInside(change, start, end));
  const touched = hunks.filter(hunk => touches(change, hunk));
  const below = hunks
    .filter(hunk => !touched.includes(hunk) && !above.includes(hunk))
    .map(hunk => moved(hunk, shift));
  const [first] = touched;
  const last = touched.at(-1);
  if (!first || !last) return joinNeighbours([...above, ...below]);
  const removed: string[] = [];
  let line = Math.min(first.start, change.start);
  const start = line;
  for (const hunk of touched) {
    removed.push(...text.before.slice(line, hunk.start), ...hunk.removed);
    line = hunk.end;
  }
  const endBefore = Math.max(last.end, change.end);
  removed.push(...text.before.slice(line, endBefore));
  const merged: Hunk = { id: first.id, start, end: endBefore + shift, removed };
  const now = text.after.slice(merged.start, merged.end);
  const isSame = now.length === removed.length && now.every((one, index) => one === removed[index]);
  return joinNeighbours([...above, ...(isSame ? [] : [merged]), ...below]);
}

/** Hunks with nothing left between them are one. */
function joinNeighbours(hunks: readonly Hunk[]): Hunk[] {
  const joined: Hunk[] = [];
  for (const hunk of hunks) {
    const last = joined.at(-1);
    if (last?.end !== hunk.start) joined.push(hunk);
    else joined[joined.length - 1] = { ...last, end: hunk.end, removed: [...last.removed, ...hunk.removed] };
  }
  return joined;
}

function touches(change: LineChange, { start, end }: Hunk): boolean {
  if (isInside(change, start, end)) return true;
  return change.start < end && change.end > start;
}

/** A hunk without lines of its own is touched by a change of the lines on both sides of it. */
function isInside(change: LineChange, start: number, end: number): boolean {
  return start === end && change.start < start && start < change.end;
}

function moved(hunk: Hunk, shift: number): Hunk {
  return { ...hunk, start: hunk.start + shift, end: hunk.end + shift };
}

/** A change of text as whole lines, in a text of `lineCount` lines. */
export function lineChangeOf(change: {
  start: { line: number; character: number };
  end: { line: number; character: number };
  text: string;
}): LineChange {
  const { start, end, text } = change;
  const breaks = text.split(/\r\n|\r|\n/).length - 1;
  const wholeLines = start.character === 0 && end.character === 0 && /(^|[\r\n])$/.test(text);
  if (wholeLines) return { start: start.line, end: end.line, count: breaks };
  return { start: start.line, end: end.line + 1, count: breaks + 1 };
}
