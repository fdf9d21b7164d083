// Where code is cut into parts, each of which is coloured and laid out by itself: so the cost of one more line does not grow with the
// code. A part ends between two paragraphs of code where it can, so that strings and comments are seldom cut. Pure.

export const partCharsMax = 4_000;

/** Where the part that begins at `start` ends; undefined while more of it may come and it is not full. */
export function partEnd(code: string, start: number): number | undefined {
  if (code.length - start <= partCharsMax) return undefined;
  const full = code.slice(start, start + partCharsMax);
  const paragraph = lastMatch(full, /\n[ \t]*\n(?=\S)/g);
  if (paragraph > partCharsMax / 2) return start + paragraph;
  const line = full.lastIndexOf('\n') + 1;
  if (line > 0) return start + line;
  return start + partCharsMax - (/[\ud800-\udbff]$/.test(full) ? 1 : 0);
}

/** Where the last match ends; 0 without one. */
function lastMatch(text: string, pattern: RegExp): number {
  const last = [...text.matchAll(pattern)].at(-1);
  return last ? last.index + last[0].length : 0;
}
