// Where a very long block may be cut in two, so that what is made anew with each piece of an answer stays small. The place depends
// on nothing that comes after it, so a text that grows is cut like one that is there at once. Pure.
import type { ParsedBlock } from './blocks.ts';

/** A block is cut near this length where it can be. */
export const cutCharsMin = 4_000;
/** A block of this length is cut anywhere, and its rest is shown as it was written. */
export const cutCharsMax = 12_000;

export interface Cut {
  at: number;
  /** What goes on behind the cut: a block of its own, a paragraph, rows of a table, or text as it was written. */
  rest: 'block' | 'paragraph' | 'table' | 'plain';
}

/** Where to cut a block that is the last of `text`; undefined while it is short enough, or may still come to a good place. */
export function forcedCut(block: ParsedBlock, text: string): Cut | undefined {
  const { start } = block;
  if (text.length - start <= cutCharsMin) return undefined;
  const type = block.tokens[0]?.type;
  if (type === 'paragraph_open') return { at: wordEnd(text, start, cutCharsMin), rest: 'paragraph' };
  const places = placesIn(block, text);
  const at = places.findLast(place => place <= start + cutCharsMin) ?? places[0];
  if (at !== undefined && at <= start + cutCharsMax)
    return { at, rest: type === 'table_open' ? 'table' : 'block' };
  if (text.length - start <= cutCharsMax) return undefined;
  return { at: wordEnd(text, start, cutCharsMax), rest: 'plain' };
}

/** Where the last word that begins before `start` + `length` ends; never inside a character. */
export function wordEnd(text: string, start: number, length: number): number {
  const end = start + length;
  for (let position = end; position > start + length / 2; position--)
    if (/\s/.test(text[position] ?? '')) return position;
  const isHalf = /[\ud800-\udbff]/.test(text[end - 1] ?? '');
  return isHalf ? end - 1 : end;
}

/** Beginnings of the parts of a block, without its first. */
function placesIn({ tokens, start }: ParsedBlock, text: string): number[] {
  const firstLine = tokens[0]?.map?.[0] ?? 0;
  const isPart = {
    bullet_list_open: 'list_item_open',
    ordered_list_open: 'list_item_open',
    blockquote_open: undefined,
    table_open: 'tr_open',
  };
  const [first] = tokens;
  if (first === undefined || !(first.type in isPart)) return [];
  const wanted = isPart[first.type as keyof typeof isPart];
  const level = first.type === 'table_open' ? 2 : 1;
  const lines = tokens.flatMap(token =>
    token.level === level && token.map && (wanted === undefined || token.type === wanted)
      ? [token.map[0]]
      : [],
  );
  const starts = lineStartsFrom(text, start, firstLine);
  // The first part stays where it is, and so does the head of a table with its first row.
  const kept = first.type === 'table_open' ? firstLine + 2 : firstLine;
  return lines.filter(line => line > kept).map(line => starts.get(line) ?? text.length);
}

/** Positions of lines, by their numbers, from a position whose line has the number `line`. */
function lineStartsFrom(text: string, position: number, line: number): Map<number, number> {
  const starts = new Map([[line, position]]);
  for (let end = text.indexOf('\n', position); end >= 0; end = text.indexOf('\n', end + 1))
    starts.set(++line, end + 1);
  return starts;
}
