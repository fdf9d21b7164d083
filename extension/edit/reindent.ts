// Code fitted to the place where it is inserted: its indentation, its first line, its line ends. Pure.
import { columnsOf, indentOf, isBlank } from '../../engine/shared/outline/indent.ts';
import { indentLines, type IndentStyle, spaceOf } from './indentation.ts';
import { linesOf } from './lines.ts';

/** Where code goes: a selection in the lines of a document, which may be empty. */
export interface InsertionPlace {
  lines: readonly string[];
  start: { line: number; character: number };
  end: { line: number; character: number };
  style: IndentStyle;
  eol: string;
}

/** The text that replaces the selection. */
export function reindent(code: string, place: InsertionPlace): string {
  const { lines, start, end, style, eol } = place;
  const startLine = lines[start.line] ?? '';
  const before = startLine.slice(0, start.character);
  const after = (lines[end.line] ?? '').slice(end.character);
  const isEmpty = start.line === end.line && start.character === end.character;
  const base = isBlank(startLine) && isEmpty ? indentOfBlankLine(place) : indentOf(startLine);

  const put = indentLines(linesOf(code), style, base);
  // What stands before the place is there already: all of the indentation, a part of it, or code.
  if (put[0]) put[0] = isBlank(before) ? missingIndent(put[0], before, style) : put[0].trimStart();
  const endsAtLineStart = end.character === 0 && end.line > start.line;
  const pushesCodeDown = isEmpty && isBlank(before) && !isBlank(after);
  const text = put.join(eol);
  if (endsAtLineStart) return text + eol;
  return pushesCodeDown ? text + eol + before : text;
}

/** The line without as many columns of its indentation as `before` has already. */
function missingIndent(line: string, before: string, style: IndentStyle): string {
  const indent = indentOf(line);
  if (indent.startsWith(before)) return line.slice(before.length);
  const missing = columnsOf(indent, style.tabSize) - columnsOf(before, style.tabSize);
  return spaceOf(Math.max(0, missing), style) + line.trimStart();
}

/** What an empty line would be indented by, from the lines around it; the cursor's own column says more where it is not 0. */
function indentOfBlankLine({ lines, start, style }: InsertionPlace): string {
  const own = (lines[start.line] ?? '').slice(0, start.character);
  const previous = lines.slice(0, start.line).findLast(line => !isBlank(line));
  const next = lines.slice(start.line + 1).find(line => !isBlank(line));
  if (own !== '' || previous === undefined) return own;
  const previousColumns = columnsOf(indentOf(previous), style.tabSize);
  if (/[{([:]\s*$/.test(previous)) return spaceOf(previousColumns + style.tabSize, style);
  if (next === undefined) return '';
  const closes = /^\s*([)\]}]|end\b)/.test(next);
  const nextColumns = columnsOf(indentOf(next), style.tabSize);
  return spaceOf(closes ? previousColumns : Math.min(previousColumns, nextColumns), style);
}
