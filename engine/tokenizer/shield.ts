// Added tokens inside a text: finding them, and making those a user wrote inert. A shielded text carries a lone
// surrogate before every character that could begin an added token; no well-formed text contains one, so whatever a
// chat template does to the text around it, the mark is found again and no control token appears.
import type { AddedToken } from './vocabulary.ts';

const mark = '\uDC00';
const marks = /\uDC00/gu;

export interface Shield {
  /** The same text, whose added tokens will be encoded as ordinary characters. `keepVisible` leaves those not special. */
  shield(text: string, options: { keepVisible: boolean }): string;
  /** Cuts template text into added tokens and the text between them; shielded text counts as text, its marks removed. */
  split(text: string): (number | string)[];
}

export function createShield(added: readonly AddedToken[]): Shield {
  if (added.length === 0)
    return { shield: text => text.toWellFormed(), split: text => [text.toWellFormed()] };
  const idOf = new Map(added.map(token => [token.content, token.id]));
  const anyToken = new RegExp(`(?<!${mark})(${alternatives(added)})`, 'u');
  const starts = new Set(added.map(({ content }) => String.fromCodePoint(content.codePointAt(0) as number)));
  const anyStart = [...starts].map(escapeRegExp).join('|');
  const everyStart = new RegExp(anyStart, 'gu');
  const visible = added.filter(token => !token.special);
  const visibleOrStart =
    visible.length === 0 ? everyStart : new RegExp(`(${alternatives(visible)})|${anyStart}`, 'gu');
  return {
    shield: (text, { keepVisible }) =>
      keepVisible
        ? text
            .toWellFormed()
            .replace(visibleOrStart, (found: string, token: unknown) =>
              typeof token === 'string' ? token : mark + found,
            )
        : text.toWellFormed().replace(everyStart, `${mark}$&`),
    split: text =>
      text.split(anyToken).map((piece, i) => {
        // Odd pieces are what the pattern captured.
        if (i % 2 === 1) return idOf.get(piece) as number;
        return piece.replace(marks, '').toWellFormed();
      }),
  };
}

/** Longest first, as the reference prefers. */
function alternatives(tokens: readonly AddedToken[]): string {
  return tokens
    .map(token => token.content)
    .sort((a, b) => b.length - a.length)
    .map(escapeRegExp)
    .join('|');
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
