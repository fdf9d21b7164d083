// Keys or values of a text, in pages out of order with room between their rows and the next page: a kernel that goes by positions
// alone gives itself away.
import type { KvPage } from '../../engine/kernels/kv_cache.ts';

/** A NaN as a float, and as two halves. */
export const nanWord = 0x7fff7fff;
/** Words that are left between the rows of a page and the next one. */
const gapWords = 8;

export interface PagedText {
  page: KvPage;
  /** Page of each run of page.positions positions. One page more is nobody's. */
  table: Uint32Array<ArrayBuffer>;
  positionWords: number;
}

/** Where a text of so many positions lies, each of so many words. */
export function pagedText(positions: number, positionWords: number, pagePositions = 128): PagedText {
  const count = Math.ceil(positions / pagePositions);
  return {
    page: { positions: pagePositions, words: pagePositions * positionWords + gapWords },
    table: Uint32Array.from({ length: count }, (_, i) => count - i),
    positionWords,
  };
}

/** Words by position put into pages; all else is NaN. */
export function intoPages(
  { page, table, positionWords }: PagedText,
  words: Uint32Array,
): Uint32Array<ArrayBuffer> {
  const all = new Uint32Array((table.length + 1) * page.words).fill(nanWord);
  const ofPage = page.positions * positionWords;
  for (const [i, number] of table.entries())
    all.set(words.subarray(i * ofPage, (i + 1) * ofPage), number * page.words);
  return all;
}

/** Words by position, for as many positions as the pages have, and whether all else is still NaN. */
export function outOfPages(
  { page, table, positionWords }: PagedText,
  all: Uint32Array,
): { words: Uint32Array<ArrayBuffer>; restIsNaN: boolean } {
  const ofPage = page.positions * positionWords;
  const words = new Uint32Array(table.length * ofPage);
  const rest = all.slice();
  for (const [i, number] of table.entries()) {
    const at = number * page.words;
    words.set(all.subarray(at, at + ofPage), i * ofPage);
    rest.fill(nanWord, at, at + ofPage);
  }
  return { words, restIsNaN: rest.every(word => word === nanWord) };
}
