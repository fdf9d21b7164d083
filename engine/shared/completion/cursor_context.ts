// The text around the cursor as the engine wants it: whole lines before, the cursor line's left part, all that follows.
// Reads only as many lines as fit, and of a line as much as fits, so a huge document costs no more than a small one. No vscode.
import { isBlank } from '../outline/indent.ts';

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
  /** Right of the cursor on its line; the beginning of it where the line goes on for long. */
  lineRight: string;
  /** lineRight and the lines after. */
  suffix: string;
}

/** What the suggest widget would insert: completion then goes on from there. */
export interface SelectedItem {
  text: string;
  /** What it takes the place of on the cursor's line. */
  startCharacter: number;
  endCharacter: number;
}

/** The context at a 0-based position; with a selected item as if it had been inserted already. */
export function contextAt(
  document: LineSource,
  position: { line: number; character: number },
  selected?: SelectedItem,
): CursorContext {
  const current = document.lineAt(position.line).text;
  const typed = selected
    ? (current.slice(0, selected.startCharacter) + selected.text).replace(/\r\n?/g, '\n')
    : current.slice(0, position.character);
  const right = current.slice(Math.max(position.character, selected?.endCharacter ?? 0));
  // A snippet may have lines of its own.
  const lineStart = typed.lastIndexOf('\n') + 1;
  const lineLeft = lastChars(typed.slice(lineStart), completionPrefixCharsMax);
  const lineRight = firstChars(right, completionSuffixCharsMax);
  const isCut = lineLeft.length < typed.length - lineStart;
  const before = linesBefore(
    document,
    position.line,
    completionPrefixCharsMax - Math.ceil(lineLeft.length / strideChars) * strideChars,
  );
  const after = linesAfter(document, position.line, completionSuffixCharsMax - lineRight.length);
  return {
    linesBefore: isCut ? '' : before + typed.slice(0, lineStart),
    lineLeft,
    lineRight,
    suffix: lineRight.length < right.length ? lineRight : lineRight + after,
  };
}

/** All of it, as it stands in the document. */
export function textAround({ linesBefore, lineLeft, suffix }: CursorContext): string {
  return linesBefore + lineLeft + suffix;
}

/** The line above the cursor's line; '' where there is none. */
export function lineAbove({ linesBefore }: CursorContext): string {
  return linesBefore.split('\n').at(-2) ?? '';
}

/** The nearest line above the cursor's line that is not blank; '' where there is none. */
export function writtenLineAbove({ linesBefore }: CursorContext): string {
  return linesBefore.split('\n').findLast(line => !isBlank(line)) ?? '';
}

/** The first that follows the cursor and is not blank, the rest of its own line or a line below; '' where there is none. */
export function nextLine({ suffix }: CursorContext): string {
  return suffix.split('\n').find(line => !isBlank(line)) ?? '';
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

/** Moves its start in strides, too, and never begins in the middle of a character of two units. */
function lastChars(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text;
  const start = Math.ceil((text.length - charsMax) / strideChars) * strideChars;
  return text.slice(isMidCharacter(text, start) ? start + 1 : start);
}

function firstChars(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text;
  return text.slice(0, isMidCharacter(text, charsMax) ? charsMax - 1 : charsMax);
}

function isMidCharacter(text: string, at: number): boolean {
  return /[\uDC00-\uDFFF]/.test(text.charAt(at));
}
