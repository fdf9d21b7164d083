// The removed lines of a hunk as they are shown beside those that replaced them: each behind its own line, and what has no line of
// its own behind the last. Pure.
import type { Hunk } from './hunks.ts';

/** Text to show behind a line. */
export interface RemovedText {
  line: number;
  text: string;
}

const lineCharsMax = 120;
const noteCharsMax = 300;

/** What to show in a text with this many lines. */
export function removedTexts({ start, end, removed }: Hunk, lineCount: number): RemovedText[] {
  if (removed.length === 0) return [];
  // Without lines of its own a hunk shows behind the line above it.
  if (start === end) return [{ line: Math.min(Math.max(0, start - 1), lineCount - 1), text: note(removed) }];
  const added = end - start;
  return Array.from({ length: added }, (_, index) => ({
    line: start + index,
    text: note(index === added - 1 ? removed.slice(index) : removed.slice(index, index + 1)),
  })).filter(({ text }) => text !== '');
}

function note(lines: readonly string[]): string {
  const shown = lines.map(line => shorten(line.trim(), lineCharsMax)).filter(line => line !== '');
  return shorten(shown.join(' ⏎ '), noteCharsMax);
}

function shorten(text: string, charsMax: number): string {
  return text.length <= charsMax ? text : `${text.slice(0, charsMax - 1)}…`;
}
