// A path of an answer as a place inside a folder, and nowhere else: neither by "..", nor as an absolute path, nor through a link. Pure, but
// for the look-up of links that it is given.
import { posix } from 'node:path';
import { isWithin } from '../inside_folder.ts';
import { editErrors } from './errors.ts';

const segmentsMax = 32;

/** The path inside its folder, with '/'; throws when it leads out of it or is none. */
export function innerPath(path: string): string {
  const plain = path
    .trim()
    .replaceAll('\\', '/')
    .replace(/^(?:\.\/)+/, '');
  if (/^(?:\/|~|[A-Za-z]:|[\w.+-]+:\/\/)/.test(plain)) throw editErrors.outsideWorkspace(path);
  const inner = posix.normalize(plain);
  if (inner === '..' || inner.startsWith('../')) throw editErrors.outsideWorkspace(path);
  const segments = inner.split('/');
  const isName = (segment: string): boolean =>
    segment !== '' && segment !== '.' && !/[\p{Cc}\p{Cf}<>:"|?*]/u.test(segment) && !/[. ]$/.test(segment);
  if (segments.length > segmentsMax || !segments.every(isName)) throw editErrors.badPath(path);
  return inner;
}

/**
 * The folder that a path is meant in, by its number, and the path in it. With several folders a path may begin with the name of one;
 * else `current` is meant.
 */
export function folderOfPath(
  path: string,
  names: readonly string[],
  current: number,
): { folder: number; inner: string } {
  const inner = innerPath(path);
  const [first, ...rest] = inner.split('/');
  const named = names.length > 1 && rest.length > 0 ? names.findIndex(name => name === first) : -1;
  return named >= 0 ? { folder: named, inner: rest.join('/') } : { folder: current, inner };
}

/** Where files are, as far as links are concerned. */
export interface Links {
  /** The place a path leads to, with all links followed; undefined when nothing is there. */
  real(path: string): Promise<string | undefined>;
}

/** Throws when a folder on the way from `root` to the file is a link that leads out of `root`. */
export async function checkLinks(root: string, inner: string, links: Links): Promise<void> {
  const realRoot = await links.real(root);
  if (realRoot === undefined) throw editErrors.outsideWorkspace(inner);
  const segments = inner.split('/');
  for (let count = segments.length; count > 0; count--) {
    const real = await links.real(posix.join(root, ...segments.slice(0, count)));
    if (real === undefined) continue;
    if (!isWithin(real, realRoot)) throw editErrors.outsideWorkspace(inner);
    return;
  }
}
