// How nearly two names are spelled the same (Levenshtein). Pure.

/** Letters by which a name may differ from the one that was meant. */
const editsMax = 2;
/** Of a letter in so many at most. */
const lettersPerEdit = 4;

/** Letters by which a name may differ from this one and still be what was meant. */
export function editsAllowed(name: string): number {
  return Math.min(editsMax, Math.floor(name.length / lettersPerEdit));
}

/** Letters to change, add or drop to get from one text to the other; undefined when they are more than `max`. */
export function editsBetween(one: string, other: string, max: number): number | undefined {
  if (Math.abs(one.length - other.length) > max) return undefined;
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let line = 1; line <= one.length; line++) {
    const next = [line];
    for (let column = 1; column <= other.length; column++) {
      const [above = 0, before = 0, diagonal = 0] = [row[column], next[column - 1], row[column - 1]];
      const change = one[line - 1] === other[column - 1] ? 0 : 1;
      next.push(Math.min(above + 1, before + 1, diagonal + change));
    }
    if (Math.min(...next) > max) return undefined;
    row = next;
  }
  const edits = row[other.length] ?? 0;
  return edits > max ? undefined : edits;
}
