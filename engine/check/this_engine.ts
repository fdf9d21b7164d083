// Which program this is, whatever its version says: what was computed or checked by another one holds for that one alone.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

let program: string | undefined;

/** The same text for the same program: a change of any kernel is another one. */
export function thisEngine(): string {
  program ??= createHash('sha256')
    .update(readFileSync(fileURLToPath(import.meta.url)))
    .digest('hex');
  return program;
}
