// What follows the cursor in the document anyway, and is said by the suggestion once more. Pure.
import { isBlank } from '../../outline/indent.ts';
import { bracketsOf, pairUp } from './brackets.ts';
import type { Candidate } from './candidate.ts';

/** Fewer characters may be alike by chance. */
const overlapCharsMin = 3;

/** True for a text with a letter or a digit in it, not of punctuation alone. */
export function saysSomething(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}

/** Cuts where the suggestion arrives at the next line of the document, as far indented as that. */
export function cutAtFollowingLine({ text, context }: Candidate): string {
  const below = context.suffix.slice(context.lineRight.length).split('\n');
  const following = below.filter(line => !isBlank(line));
  const [next = '', second = ''] = following.map(line => line.trimEnd());
  // One or two closers may well come twice; `duplicate-closers` looks at those.
  if (!saysSomething(next)) return text;
  const lines = text.split('\n');
  const at = lines.findIndex((line, index) => {
    if ((index === 0 ? context.lineLeft + line : line).trimEnd() !== next) return false;
    // Where both go on, and not in the same way, they only begin alike.
    const goesOn =
      lines
        .slice(index + 1)
        .find(after => !isBlank(after))
        ?.trimEnd() ?? '';
    return !saysSomething(goesOn) || !saysSomething(second) || goesOn === second;
  });
  return at < 0 ? text : lines.slice(0, at).join('\n');
}

/** Cuts off the end what the rest of the cursor's line says already, all of it or its first words. */
export function cutRestOfLine({ text, context, syntax }: Candidate): string {
  const body = text.trimEnd();
  const right = context.lineRight.trimEnd();
  // Tags and brackets alone are looked at by the rules of closers.
  if (!saysSomething(right) || right.trimStart().startsWith('</')) return text;
  for (let length = Math.min(right.length, body.length); length >= overlapCharsMin; length -= 1) {
    const start = body.length - length;
    if (body.slice(start) !== right.slice(0, length)) continue;
    const splitsWord =
      (isWordEnd(body.slice(0, start)) && /^\w/.test(right)) ||
      (isWordEnd(right.slice(0, length)) && /^\w/.test(right.slice(length)));
    // What the text has opened itself it closes itself.
    const closers = (piece: string): number => pairUp(bracketsOf(piece, syntax)).surplus.length;
    if (!splitsWord && closers(body) >= closers(body.slice(start))) return body.slice(0, start);
  }
  return text;
}

const isWordEnd = (text: string): boolean => /\w$/.test(text);
