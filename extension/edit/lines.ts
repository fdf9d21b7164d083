// Text as a list of lines without their ends, the unit in which edits are computed here. A text that ends with a line end has
// an empty last line, as in the editor.
import { isBlank } from '../../engine/shared/outline/indent.ts';

/** The lines of a text with any kind of line ends. */
export function linesOf(text: string): string[] {
  return text.split(/\r\n|\r|\n/);
}

/** The lines without the blank ones at both ends. */
export function withoutBlankEnds(lines: readonly string[]): string[] {
  const first = lines.findIndex(line => !isBlank(line));
  return first < 0 ? [] : lines.slice(first, lines.findLastIndex(line => !isBlank(line)) + 1);
}

/** Lines `start` to `end` (exclusive) are replaced by `lines`; with `start` equal to `end` they are put before `start`. */
export interface LineEdit {
  start: number;
  end: number;
  lines: readonly string[];
}

/** A change as the editor wants it: from place to place, the text that replaces what is there. */
export interface TextChange {
  start: { line: number; character: number };
  end: { line: number; character: number };
  text: string;
}

/** The same edit as a change of the text, which has these lines now. */
export function textChangeOf(edit: LineEdit, now: readonly string[], eol: string): TextChange {
  const { start, end, lines } = edit;
  if (end < now.length)
    return {
      start: { line: start, character: 0 },
      end: { line: end, character: 0 },
      text: lines.map(line => line + eol).join(''),
    };
  const last = { line: now.length - 1, character: now.at(-1)?.length ?? 0 };
  if (start === 0) return { start: { line: 0, character: 0 }, end: last, text: lines.join(eol) };
  // Behind the last line there is no line end to take, so the one before the first line goes along.
  return {
    start: { line: start - 1, character: now[start - 1]?.length ?? 0 },
    end: last,
    text: lines.map(line => eol + line).join(''),
  };
}

/** The lines after such a change. */
export function changed(lines: readonly string[], { start, end, text }: TextChange): string[] {
  const before = (lines[start.line] ?? '').slice(0, start.character);
  const after = (lines[end.line] ?? '').slice(end.character);
  return [...lines.slice(0, start.line), ...linesOf(before + text + after), ...lines.slice(end.line + 1)];
}

/** The lines after the edits, whose places are all in the lines as they were. */
export function editLines(lines: readonly string[], edits: readonly LineEdit[]): string[] {
  const result = [...lines];
  for (const { start, end, lines: put } of edits.toSorted((a, b) => b.start - a.start))
    result.splice(start, end - start, ...put);
  return result;
}
