// How high a turn will be, roughly, before it has ever been drawn. Pure.
import type { Turn } from '../protocol.ts';

const linePx = 20;
/** Name, spaces, and the line below an answer. */
const aroundPx = { user: 60, summary: 60, assistant: 80 };
/** Mean width of a character. */
const characterPx = 6.6;
/** An empty line is a space between paragraphs. */
const emptyLines = 0.45;
/** A text of this many lines is folded if it is a question. */
const questionLinesMax = 18;
const listLinePx = 22;
/** Widest text of the conversation. */
const textWidthPxMax = 800;

/** Pixels that a turn takes in a conversation so many pixels wide. */
export function estimateHeight(turn: Turn, width: number): number {
  const perLine = Math.max(10, Math.min(width, textWidthPxMax) / characterPx);
  const empty = countOf(turn.text, '\n\n');
  const breaks = countOf(turn.text, '\n') - 2 * empty;
  const lines = 1 + breaks + empty * (1 + emptyLines) + Math.floor(turn.text.length / perLine);
  const shown = turn.role === 'user' ? Math.min(lines, questionLinesMax) : lines;
  const listed = turn.role === 'assistant' ? Math.min(turn.sources.length, 8) : 0;
  return aroundPx[turn.role] + shown * linePx + listed * listLinePx;
}

function countOf(text: string, wanted: string): number {
  let count = 0;
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) count++;
  return count;
}
