// A directory for tests, removed when they are done.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished } from 'vitest';

/** Called in a test, it is there until the test's end; at the top level of a file or inside `describe`, until all tests of it are done. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'hearth-test-'));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  if (expect.getState().currentTestName === undefined) afterAll(remove);
  else onTestFinished(remove);
  return directory;
}
