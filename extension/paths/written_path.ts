// Where a path that an answer names may lie in the open folders: never outside them, neither by "..", nor as an absolute path. Pure.

/** An open folder. */
export interface OpenFolder {
  /** What paths of its files begin with where several folders are open, such as "docs/"; else empty. */
  prefix: string;
  /** Its absolute path, with '/'. */
  path: string;
}
/** A path inside one of the folders, which are counted from 0. */
export interface InnerPath {
  folder: number;
  inner: string;
}

const charsMax = 1_024;
const segmentsMax = 64;

/** The places that a path may mean, the likeliest first; none when it leads out of the folders or is no path. */
export function placesOf(written: string, folders: readonly OpenFolder[]): InnerPath[] {
  const plain = written
    .trim()
    .replaceAll('\\', '/')
    .replace(/^file:\/\//i, '');
  if (plain.length > charsMax || /^~|^[\w+.-]{2,}:\/\/|^\/\/|\p{Cc}/u.test(plain)) return [];
  const absolute = /^\/|^[A-Za-z]:\//.test(plain);
  if (absolute) {
    const inside = folders.flatMap((folder, index) => inFolder(plain, folder, index));
    // "/src/a.ts" often means the folder's own src/a.ts.
    if (inside.length > 0 || !plain.startsWith('/')) return inside;
  }
  const inner = cleaned(plain);
  if (inner === undefined) return [];
  const named = folders.flatMap(({ prefix }, folder) =>
    prefix !== '' && inner.startsWith(prefix) ? [{ folder, inner: inner.slice(prefix.length) }] : [],
  );
  return [...named, ...folders.map((_, folder) => ({ folder, inner }))];
}

/** True for an absolute path that lies in none of the folders. */
export function isElsewhere(written: string, folders: readonly OpenFolder[]): boolean {
  const plain = written.trim().replaceAll('\\', '/');
  return /^\/|^[A-Za-z]:\/|^~|^file:/i.test(plain) || placesOf(written, folders).length === 0;
}

function inFolder(absolute: string, { path }: OpenFolder, folder: number): InnerPath[] {
  const root = rooted(path).replace(/\/$/, '');
  const whole = rooted(absolute);
  if (!whole.startsWith(`${root}/`)) return [];
  const inner = cleaned(whole.slice(root.length + 1));
  return inner === undefined ? [] : [{ folder, inner }];
}

/** With a slash before the letter of a drive, which is in lower case. */
function rooted(path: string): string {
  return path.replace(/^\/?([A-Za-z]):/, (_, drive: string) => `/${drive.toLowerCase()}:`);
}

/** Without "." and doubled slashes; undefined when nothing is left, or something leads up. */
function cleaned(path: string): string | undefined {
  const segments = path.split('/').filter(segment => segment !== '' && segment !== '.');
  if (segments.length === 0 || segments.length > segmentsMax || segments.includes('..')) return undefined;
  return segments.join('/');
}
