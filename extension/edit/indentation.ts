// How code is indented, and the same code indented another way.
import { columnsOf, indentOf, isBlank } from '../../engine/shared/outline/indent.ts';

/** What one step of indentation is in a document. */
export interface IndentStyle {
  insertSpaces: boolean;
  tabSize: number;
}

/** White space that takes so many columns. */
export function spaceOf(columns: number, { insertSpaces, tabSize }: IndentStyle): string {
  if (insertSpaces) return ' '.repeat(columns);
  return '\t'.repeat(Math.floor(columns / tabSize)) + ' '.repeat(columns % tabSize);
}

/** How lines are indented, where they show it; else as `otherwise` says. */
export function styleOf(lines: readonly string[], otherwise: IndentStyle): IndentStyle {
  if (lines.some(line => line.startsWith('\t') && !isBlank(line)))
    return { ...otherwise, insertSpaces: false };
  const step = commonestStep(lines);
  return step === undefined ? otherwise : { insertSpaces: true, tabSize: step };
}

/**
 * The lines from their own indentation to another: steps of their style become steps of the document's, on top of `base`.
 * What is no whole step (continuation lines, comments with stars) stays as spaces.
 */
export function indentLines(lines: readonly string[], to: IndentStyle, base: string): string[] {
  const from = styleOf(lines, to);
  const columns = lines.map(line => columnsOf(indentOf(line), from.tabSize));
  const least = Math.min(...columns.filter((_, index) => !isBlank(lines[index] ?? '')));
  const baseColumns = columnsOf(base, to.tabSize);
  return lines.map((line, index) => {
    if (isBlank(line)) return '';
    const own = (columns[index] ?? 0) - least;
    const steps = Math.floor(own / from.tabSize);
    const rest = own % from.tabSize;
    const indent = spaceOf(baseColumns + steps * to.tabSize, to) + ' '.repeat(rest);
    return indent + line.trimStart();
  });
}

/** The commonest number of spaces by which a line is indented more than the one before it. */
function commonestStep(lines: readonly string[]): number | undefined {
  const counts = new Map<number, number>();
  let before = 0;
  for (const line of lines) {
    // Lines of a comment that begin with a star stand one column to the right of where they belong.
    if (isBlank(line) || /^\s*\*/.test(line)) continue;
    const indent = indentOf(line).length;
    if (indent - before >= 2) counts.set(indent - before, (counts.get(indent - before) ?? 0) + 1);
    before = indent;
  }
  const [commonest] = [...counts].sort(
    ([stepA, countA], [stepB, countB]) => countB - countA || stepA - stepB,
  );
  return commonest?.[0];
}
