// A directory for one test file, removed when its tests are done.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** Call at the top level of a test file or inside `describe`. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'hearth-test-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
