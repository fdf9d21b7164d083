// What a user typed, in parts that are shown each in its own way: blocks of code, lists, and everything else as it stands there. Only
// marks that cannot mean anything else are understood, so that no character is lost: fences, back quotes, and the marks of lists,
// which are shown as well. Pure.
import { FencedLines, openingFence } from './fence.ts';

export type QuestionPart =
  | { kind: 'text'; text: string }
  | { kind: 'code'; info: string; code: string }
  | { kind: 'list'; ordered: boolean; items: ListItem[] };
/** One item with its mark and its indentation; `columns` is where its text begins. */
export interface ListItem {
  text: string;
  columns: number;
}
/** A piece of a line. */
export interface InlinePart {
  kind: 'text' | 'code' | 'link';
  text: string;
}

/** A part of text or a list has at most so many lines, and a part of text so many characters. */
const partLinesMax = 100;
const partCharsMax = 8_000;

const itemMark = /^[ \t]*(?:[-*+•]|\d{1,9}[.)])[ \t]+(?=\S)/;

/** The parts of a question; joined by line ends they are the question, but for the fences of its code. */
export function questionParts(text: string): QuestionPart[] {
  const lines = text.split(/\r\n?|\n/);
  const parts: QuestionPart[] = [];
  for (let index = 0; index < lines.length;) {
    const code = codeAt(lines, index);
    const list = code ? undefined : listAt(lines, index);
    if (code ?? list) {
      const found = (code ?? list) as { part: QuestionPart; next: number };
      parts.push(found.part);
      index = found.next;
      continue;
    }
    addLine(parts, lines[index] ?? '');
    index++;
  }
  return parts;
}

/** The first parts, up to `linesMax` lines and `charsMax` characters. */
export function firstParts(
  parts: readonly QuestionPart[],
  { linesMax, charsMax }: { linesMax: number; charsMax: number },
): QuestionPart[] {
  const first: QuestionPart[] = [];
  let lines = 0;
  let chars = 0;
  for (const part of parts) {
    const room = { lines: linesMax - lines, chars: charsMax - chars };
    if (room.lines <= 0 || room.chars <= 0) break;
    const text = textIn(part);
    lines += text.split('\n').length;
    chars += text.length;
    first.push(lines > linesMax || chars > charsMax ? shortened(part, room) : part);
  }
  return first;
}

/** Code between back quotes and web addresses in a text; the rest as it is. */
export function inlineParts(text: string): InlinePart[] {
  const parts: InlinePart[] = [];
  let end = 0;
  for (const match of text.matchAll(/(?<!`)(`+)(?!`)([^`\n]+)(?<!`)\1(?!`)|https?:\/\/[^\s<>"'`]+/gi)) {
    const isCode = match[1] !== undefined;
    // What ends a sentence does not belong to an address.
    const found = isCode ? match[0] : match[0].replace(/[.,;:!?)\]}]+$/, '');
    if (!isCode && !URL.canParse(found)) continue;
    if (match.index > end) parts.push({ kind: 'text', text: text.slice(end, match.index) });
    parts.push(isCode ? { kind: 'code', text: match[2] ?? '' } : { kind: 'link', text: found });
    end = match.index + found.length;
  }
  if (end < text.length) parts.push({ kind: 'text', text: text.slice(end) });
  return parts;
}

function codeAt(lines: string[], start: number): { part: QuestionPart; next: number } | undefined {
  const line = lines[start] ?? '';
  const indent = /^ {0,3}(?=[`~]{3})/.exec(line)?.[0].length;
  const opener = indent === undefined ? undefined : openingFence(line.slice(indent));
  if (!opener) return undefined;
  const block = new FencedLines(opener);
  for (let index = start + 1; index < lines.length; index++) {
    if (!block.endsWith((lines[index] ?? '').replace(/^ {1,3}(?=[`~])/, ''))) continue;
    const code = lines.slice(start + 1, index).join('\n');
    return { part: { kind: 'code', info: opener.info, code }, next: index + 1 };
  }
  // A fence that is never closed is three back quotes.
  return undefined;
}

/** Lines with marks, and lines below them that are indented as far as their texts. */
function listAt(lines: string[], start: number): { part: QuestionPart; next: number } | undefined {
  const items: ListItem[] = [];
  let index = start;
  for (; index < lines.length && index - start < partLinesMax; index++) {
    const line = lines[index] ?? '';
    const columns = itemMark.exec(line)?.[0].length;
    const last = items.at(-1);
    if (columns !== undefined) items.push({ text: line, columns });
    else if (last && line.trim() !== '' && line.search(/\S/) >= last.columns) last.text += `\n${line}`;
    else break;
  }
  if (items.length === 0) return undefined;
  return { part: { kind: 'list', ordered: /^\s*\d/.test(lines[start] ?? ''), items }, next: index };
}

function addLine(parts: QuestionPart[], line: string): void {
  const pieces = line.match(new RegExp(`[^]{1,${partCharsMax}}`, 'gu')) ?? [''];
  for (const piece of pieces) {
    const last = parts.at(-1);
    const fits =
      last?.kind === 'text' &&
      last.text.length + piece.length < partCharsMax &&
      last.text.split('\n', partLinesMax).length < partLinesMax;
    if (fits) last.text += `\n${piece}`;
    else parts.push({ kind: 'text', text: piece });
  }
}

function textIn(part: QuestionPart): string {
  if (part.kind === 'list') return part.items.map(({ text }) => text).join('\n');
  return part.kind === 'code' ? part.code : part.text;
}

function shortened(part: QuestionPart, room: { lines: number; chars: number }): QuestionPart {
  const cut = (text: string): string => text.split('\n').slice(0, room.lines).join('\n').slice(0, room.chars);
  if (part.kind === 'code') return { ...part, code: cut(part.code) };
  if (part.kind === 'text') return { ...part, text: cut(part.text) };
  return { ...part, items: part.items.slice(0, room.lines) };
}
