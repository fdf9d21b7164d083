// The file that a path which does not exist most likely means: the same name elsewhere, or a name that is spelt nearly the same. Pure.
import fuzzysort from 'fuzzysort';

/** Letters by which a name may differ. */
const editsMax = 2;
/** Of a letter in so many at most. */
const lettersPerEdit = 4;
/** How good an abbreviated path must be, from 0 to 1. */
const abbreviatedMin = 0.6;

/** Undefined when no file is like it. */
export function nearestPath(written: string, files: readonly string[]): string | undefined {
  const wanted = written
    .replaceAll('\\', '/')
    .replace(/^(?:\.?\/)+/, '')
    .toLowerCase();
  const name = nameOf(wanted);
  const allowed = Math.min(editsMax, Math.floor(name.length / lettersPerEdit));
  let best: { file: string; edits: number; shared: number } | undefined;
  for (const file of files) {
    const path = file.toLowerCase();
    const edits = editsBetween(name, nameOf(path), allowed);
    if (edits === undefined) continue;
    const shared = sharedFolders(wanted, path);
    if (!best || edits < best.edits || (edits === best.edits && shared > best.shared))
      best = { file, edits, shared };
  }
  return best?.file ?? fuzzysort.go(wanted, files, { limit: 1, threshold: abbreviatedMin })[0]?.target;
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

function sharedFolders(one: string, other: string): number {
  const folders = new Set(one.split('/').slice(0, -1));
  return other
    .split('/')
    .slice(0, -1)
    .filter(folder => folders.has(folder)).length;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
