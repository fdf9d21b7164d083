// The lines of an answer with the indentation of those that they replace. Pure.
import { columnsOf, indentOf, isBlank } from '../../engine/shared/outline/indent.ts';
import { indentLines, type IndentStyle, spaceOf } from './indentation.ts';

/** `base` indents new code that replaces no lines. */
export function fitAnswer(
  answer: readonly string[],
  { old, style, base }: { old: readonly string[]; style: IndentStyle; base: string },
): string[] {
  const shown = answer.filter(line => !isBlank(line));
  const [first] = shown;
  if (first === undefined) return [...answer];
  const columns = (line: string): number => columnsOf(indentOf(line), style.tabSize);
  const oldFirst = old.find(line => !isBlank(line));
  const wanted = oldFirst === undefined ? columnsOf(base, style.tabSize) : columns(oldFirst);
  // The first lines of both stand at the same depth, even where later ones stand further left.
  const least = Math.min(...shown.map(columns));
  const whole = spaceOf(Math.max(0, wanted - (columns(first) - least)), style);
  return indentLines(answer, style, whole);
}
