// What stands in the document while a new version of some lines is being written: the lines that are there so far, and of the old ones
// those that have not been reached yet. Pure.

/** The new lines so far with the rest of the old ones. */
export function mergeSoFar(old: readonly string[], soFar: readonly string[]): string[] {
  return [...soFar, ...old.slice(reached(old, soFar))];
}

/** A line that stands in the answer for another is likelier changed than new, and an old line that is passed over likelier gone. */
const cost = { new: 1, changed: 0.9, gone: 0.8 };

/** How many of the old lines the new ones stand for: as many as make the two most alike; of equals, about as many as are new. */
function reached(old: readonly string[], soFar: readonly string[]): number {
  // The edit distance of all new lines to the first n old ones, row by row.
  let row = Array.from({ length: old.length + 1 }, (_, index) => index * cost.gone);
  for (const [done, line] of soFar.entries()) {
    const next = [(done + 1) * cost.new];
    for (const [index, oldLine] of old.entries()) {
      const replaced = (row[index] ?? 0) + (line.trim() === oldLine.trim() ? 0 : cost.changed);
      next.push(Math.min(replaced, (row[index + 1] ?? 0) + cost.new, (next[index] ?? 0) + cost.gone));
    }
    row = next;
  }
  const least = Math.min(...row);
  const candidates = row.flatMap((value, count) => (value === least ? [count] : []));
  const [nearest = 0] = candidates.sort((a, b) => Math.abs(a - soFar.length) - Math.abs(b - soFar.length));
  return nearest;
}
