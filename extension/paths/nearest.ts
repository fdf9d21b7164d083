// The file that a path which does not exist most likely means: the same name elsewhere, or a name that is spelt nearly the same. Pure.
import fuzzysort from 'fuzzysort';
import { editsAllowed, editsBetween } from '../../engine/shared/names/edit_distance.ts';

/** How good an abbreviated path must be, from 0 to 1. */
const abbreviatedMin = 0.6;

/** Undefined when no file is like it. */
export function nearestPath(written: string, files: readonly string[]): string | undefined {
  const wanted = written
    .replaceAll('\\', '/')
    .replace(/^(?:\.?\/)+/, '')
    .toLowerCase();
  const name = nameOf(wanted);
  const allowed = editsAllowed(name);
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
