// How far a suggestion goes: one line, or to the end of the block that the cursor stands in. Pure.
import { isBlank } from '../../outline/indent.ts';
import { indentation } from '../completion_rules.ts';
import type { Candidate } from './candidate.ts';

/** Keeps the first line where one line is wanted. */
export function keepOneLine({ text, multiline }: Candidate): string {
  const end = text.indexOf('\n');
  return multiline || end < 0 ? text : text.slice(0, end);
}

/** Cuts where a line is less indented than the one that the block began on, and after two blank lines. */
export function cutAtBlockEnd({ text, context, multiline }: Candidate): string {
  if (!multiline) return text;
  const [first = '', ...rest] = text.split('\n');
  const base = indentation(isBlank(context.lineLeft) ? context.lineLeft + first : context.lineLeft);
  const end = rest.findIndex((line, index) =>
    isBlank(line) ? rest.slice(index + 1, index + 2).some(isBlank) : indentation(line) < base,
  );
  return end < 0 ? text : [first, ...rest.slice(0, end)].join('\n').trimEnd();
}
