// The text around a place of a file, cut exactly as the editor's side cuts it for completion/inline (a test compares the
// two), so that `complete` gives what the ghost text would be.
import type { CompletionParams } from '../protocol/completion.ts';
import { limits } from '../protocol/limits.ts';

/** The window's start moves in strides, so that the state of a prompt's beginning can be used again. */
const strideLines = 32;
const strideChars = 512;

/** `line` and `column` from 1, as editors show them. Undefined when the text has no such place. */
export function cursorContext(
  text: string,
  { line, column }: { line: number; column: number },
): Pick<CompletionParams, 'linesBefore' | 'lineLeft' | 'suffix'> | undefined {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  const current = lines[line - 1];
  if (current === undefined || column < 1 || column > current.length + 1) return undefined;
  const right = current.slice(column - 1);
  const lineLeft = current
    .slice(0, column - 1)
    .slice(-limits.completionPrefixCharsMax)
    .replace(column - 1 > limits.completionPrefixCharsMax ? /^[\uDC00-\uDFFF]/ : '', '');
  const roomBefore = limits.completionPrefixCharsMax - Math.ceil(lineLeft.length / strideChars) * strideChars;
  const fitting = countFitting(lines.slice(0, line - 1).toReversed(), roomBefore);
  const aligned = Math.ceil((line - 1 - fitting) / strideLines) * strideLines;
  const start = aligned < line - 1 ? aligned : line - 1 - fitting;
  const after = lines.slice(line);
  const kept = after.slice(0, countFitting(after, limits.completionSuffixCharsMax - right.length));
  return {
    linesBefore: lines
      .slice(start, line - 1)
      .map(each => `${each}\n`)
      .join(''),
    lineLeft,
    suffix: [right, ...kept].join('\n'),
  };
}

/** How many lines from the first one on, each with its line end, have room. */
function countFitting(lines: readonly string[], charsMax: number): number {
  let used = 0;
  const end = lines.findIndex(line => (used += line.length + 1) > charsMax);
  return end < 0 ? lines.length : end;
}
