// What the model is asked for an edit in place: the selected lines with the code around them, and what to do with them. Pure.
import { isBlank } from '../../engine/shared/outline/indent.ts';

export interface EditRequest {
  /** As the user knows the file. */
  path: string;
  language: string;
  lines: readonly string[];
  /** The selected lines: `start` to `end` (exclusive); equal for a place between lines, where code is to be written. */
  start: number;
  end: number;
  instruction: string;
}

/** Of the code around the selection, this much is shown in all: enough for names and style, quick to read. */
const aroundCharsMax = 12_000;

/** The one message that asks for the edit. */
export function editPrompt(request: EditRequest): string {
  const { path, language, lines, start, end, instruction } = request;
  const selected = lines.slice(start, end);
  const before = lastLines(lines.slice(0, start), aroundCharsMax / 2);
  const after = firstLines(lines.slice(end), aroundCharsMax / 2);
  const fence = fenceFor([...before, ...selected, ...after]);
  const block = (code: readonly string[]): string => `${fence}${language}\n${code.join('\n')}\n${fence}`;
  const isNew = selected.every(isBlank);
  const parts = [
    `A part of the file ${path} is to be changed.`,
    ...(before.some(line => !isBlank(line)) ? [`The code before it:\n${block(before)}`] : []),
    ...(isNew
      ? ['The part is empty: new code is to be written there.']
      : [`The part that is to be changed:\n${block(selected)}`]),
    ...(after.some(line => !isBlank(line)) ? [`The code after it:\n${block(after)}`] : []),
    `What is to be done: ${instruction.trim()}`,
    `Answer with the ${isNew ? 'new' : 'changed'} part only, whole and in one code block that begins and ends with ${fence}. Do not repeat the code before or after it, leave nothing out, and explain nothing.`,
  ];
  return parts.join('\n\n');
}

/** Longer than any run of backticks in the code. */
function fenceFor(lines: readonly string[]): string {
  const runs = lines.flatMap(line => line.match(/`+/g) ?? []).map(run => run.length);
  return '`'.repeat(Math.max(3, ...runs.map(length => length + 1)));
}

function firstLines(lines: readonly string[], charsMax: number): string[] {
  let chars = 0;
  const end = lines.findIndex(line => (chars += line.length + 1) > charsMax);
  return lines.slice(0, end < 0 ? lines.length : end);
}

function lastLines(lines: readonly string[], charsMax: number): string[] {
  return firstLines(lines.toReversed(), charsMax).reverse();
}
