import { statSync, utimesSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../support/temporary_directory.ts';
import { keptModel } from './kept_model.ts';

const directory = temporaryDirectory();

test('a model is made once, and again when what it was made from has changed', async () => {
  const made = await keptModel('hybrid', 'Q4_0', directory);
  expect(made.parametersPerToken).toBeGreaterThan(1e7);
  expect(statSync(made.path).size).toBe(made.bytes);
  utimesSync(made.path, 1000, 1000);
  expect(await keptModel('hybrid', 'Q4_0', directory)).toEqual(made);
  expect(statSync(made.path).mtimeMs).toBe(1000_000);

  writeFileSync(`${made.path}.json`, JSON.stringify({ key: 'of another version', model: made }));
  expect(await keptModel('hybrid', 'Q4_0', directory)).toEqual(made);
  expect(statSync(made.path).mtimeMs).toBeGreaterThan(1000_000);
});
