// A piece of a long text around a line, cut at line ends. Pure.

export interface Excerpt {
  text: string;
  /** 1-based, inclusive. */
  startLine: number;
  endLine: number;
  /** True when it is not all of the text. */
  cut: boolean;
}

/** As many whole lines around `line` as fit into `charsMax`; a single longer line is cut itself. */
export function excerptAround(text: string, line: number, charsMax: number): Excerpt {
  const all = text.split('\n');
  if (text.length <= charsMax) return { text, startLine: 1, endLine: all.length, cut: false };
  const middle = Math.min(Math.max(line - 1, 0), all.length - 1);
  let [start, end] = [middle, middle + 1];
  let room = charsMax - (all[middle]?.length ?? 0) - 1;
  const take = (index: number): boolean => {
    const cost = (all[index]?.length ?? Infinity) + 1;
    if (cost > room) return false;
    room -= cost;
    return true;
  };
  for (let more = true; more;) {
    more = false;
    if (start > 0 && take(start - 1)) [start, more] = [start - 1, true];
    if (end < all.length && take(end)) [end, more] = [end + 1, true];
  }
  const piece = all.slice(start, end).join('\n').slice(0, charsMax);
  return { text: piece, startLine: start + 1, endLine: end, cut: true };
}
