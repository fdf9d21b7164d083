// Text that says the same again: a piece or lines over and over, or the line above the cursor. Pure.
import { isBlank } from '../../outline/indent.ts';
import { lineAbove } from '../cursor_context.ts';
import type { Candidate } from './candidate.ts';

/** A piece is one when it comes this often. */
const piecesMin = 8;
const pieceCharsMax = 20;
/** As many lines may come over and over together. */
const groupLinesMax = 4;
/** A line above that is shorter may well come twice: `break;`, `</li>`. */
const lineAboveCharsMin = 10;

/** Drops a text that ends in one short piece over and over (a rule of dashes is none); of lines that come three times, keeps the first. */
export function cutRepetition({ text, context }: Candidate): string {
  const end = text.trimEnd();
  for (let period = 2; period <= pieceCharsMax; period += 1) {
    let repeated = 0;
    while (repeated + period < end.length && end.at(-1 - repeated) === end.at(-1 - repeated - period))
      repeated += 1;
    if (repeated >= (piecesMin - 1) * period && new Set(end.slice(-period)).size > 1) return '';
  }
  const lines = text.split('\n');
  const whole = lines.with(0, context.lineLeft + lines[0]);
  for (let size = 1; size <= groupLinesMax; size += 1)
    for (let start = 0; start + 3 * size <= lines.length; start += 1) {
      const group = whole.slice(start, start + size);
      const again = (index: number): boolean =>
        whole[start + size + index] === group[index] && whole[start + 2 * size + index] === group[index];
      if (group.some(line => !isBlank(line)) && group.every((_line, index) => again(index)))
        return lines.slice(0, start + size).join('\n');
    }
  return text;
}

/** Drops what says the line above the cursor's line once more, word for word. */
export function dropLineAbove({ text, context, explicit }: Candidate): string {
  if (explicit) return text;
  const above = lineAbove(context);
  const [first = ''] = text.split('\n');
  const same = (context.lineLeft + first).trimEnd() === above.trimEnd();
  return same && above.trim().length >= lineAboveCharsMin && /\p{L}/u.test(above) ? '' : text;
}
