// Digests of what files hold: a step whose input has the digest it had the last time need not run again.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Changes with any byte of the file, and with nothing else. */
export function digestOfFile(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** Changes with the name, the bytes or the right to run of any file in the folder; times do not count. */
export function digestOfFolder(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => !entry.isDirectory())
    .map(entry => join(entry.parentPath, entry.name))
    .sort();
  const hash = createHash('sha256');
  for (const file of files) {
    const mayRun = (statSync(file).mode & 0o100) !== 0;
    hash.update(`${JSON.stringify([relative(folder, file), mayRun, digestOfFile(file)])}\n`);
  }
  return hash.digest('hex');
}
