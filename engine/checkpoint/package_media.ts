// Files that come with the package, in its folder media/.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where a file of media/ lies; undefined where the package has none of this name. */
export function mediaFile(name: string): string | undefined {
  // This file as part of the bundle, which lies in a folder of the package, and as a source.
  const url = ['..', '../..']
    .map(up => new URL(`${up}/media/${name}`, import.meta.url))
    .find(one => existsSync(one));
  return url && fileURLToPath(url);
}
