// The text around the cursor as the engine wants it: whole lines before, the cursor line's left part, all that follows.
// Reads only as many lines as fit, so a huge document costs no more than a small one. No vscode.

/** Text sent with one completion, around the cursor (characters each side). */
export const completionPrefixCharsMax = 12_000;
export const completionSuffixCharsMax = 4_000;

const strideLines = 32;
/** Typing on within a line must not move the start either. */
const strideChars = 512;

/** The part of an editor document that is read; vscode.TextDocument fits. */
export interface LineSource {
  readonly lineCount: number;
  lineAt(line: number): { readonly text: string };
}
export interface CursorContext {
  linesBefore: string;
  lineLeft: string;
  /** Right of the cursor on its line. */
  lineRight: string;
  /** lineRight and the lines after. */
  suffix: string;
}

/** What the suggest widget would insert: completion then goes on from there. */
export interface SelectedItem {
  text: string;
  startCharacter: number;
}

/** The context at a 0-based position; with a selected item as if it had been inserted already. */
export function contextAt(
  document: LineSource,
  position: { line: number; character: number },
  selected?: SelectedItem,
): CursorContext {
  const current = document.lineAt(position.line).text;
  const typed = selected
    ? current.slice(0, selected.startCharacter) + selected.text
    : current.slice(0, position.character);
  const lineRight = current.slice(position.character);
  const lineLeft = lastChars(typed, completionPrefixCharsMax);
  return {
    linesBefore: linesBefore(
      document,
      position.line,
      completionPrefixCharsMax - Math.ceil(lineLeft.length / strideChars) * strideChars,
    ),
    lineLeft,
    lineRight,
    suffix: lineRight + linesAfter(document, position.line, completionSuffixCharsMax - lineRight.length),
  };
}

/** All of it, as it stands in the document. */
export function textAround({ linesBefore, lineLeft, suffix }: CursorContext): string {
  return linesBefore + lineLeft + suffix;
}

/**
 * The start moves in strides, not line by line: the engine keeps the state of a prompt's unchanged beginning, and a window
 * that slid with every line would never have one.
 */
function linesBefore(document: LineSource, line: number, charsMax: number): string {
  let start = line;
  for (let chars = 0; start > 0; start -= 1) {
    chars += document.lineAt(start - 1).text.length + 1;
    if (chars > charsMax) break;
  }
  const aligned = Math.ceil(start / strideLines) * strideLines;
  let before = '';
  for (let index = aligned < line ? aligned : start; index < line; index += 1)
    before += `${document.lineAt(index).text}\n`;
  return before;
}

function linesAfter(document: LineSource, line: number, charsMax: number): string {
  let after = '';
  for (let index = line + 1; index < document.lineCount; index += 1) {
    const { text } = document.lineAt(index);
    if (after.length + text.length + 1 > charsMax) break;
    after += `\n${text}`;
  }
  return after;
}

/** Never begins in the middle of a character of two units. */
function lastChars(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text;
  const cut = text.slice(text.length - charsMax);
  return /^[\uDC00-\uDFFF]/.test(cut) ? cut.slice(1) : cut;
}
