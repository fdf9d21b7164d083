import { chmodSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { digestOfFolder } from '../../scripts/digest.mjs';
import { temporaryDirectory } from '../support/temporary_directory.ts';

let folder: string;
let before: string;
const at = (name: string): string => join(folder, name);

beforeEach(() => {
  folder = temporaryDirectory();
  mkdirSync(at('dist'));
  writeFileSync(at('dist/engine.mjs'), 'one');
  writeFileSync(at('package.json'), '{}', { mode: 0o644 });
  before = digestOfFolder(folder);
});

test('a folder with the same files has the same digest, whenever they were written', () => {
  utimesSync(at('dist/engine.mjs'), 1, 1);
  writeFileSync(at('package.json'), '{}');
  expect(digestOfFolder(folder)).toBe(before);
});

test.each<[string, () => void]>([
  ['a byte is another one', () => writeFileSync(at('dist/engine.mjs'), 'onf')],
  ['a file is new', () => writeFileSync(at('new'), '')],
  ['a file is gone', () => rmSync(at('package.json'))],
  ['a file has another name', () => renameSync(at('package.json'), at('package.jsonc'))],
  [
    'two files change their texts',
    () => {
      writeFileSync(at('dist/engine.mjs'), '{}');
      writeFileSync(at('package.json'), 'one');
    },
  ],
])('it is another one when %s', (_what, change) => {
  change();
  expect(digestOfFolder(folder)).not.toBe(before);
});

test.skipIf(process.platform === 'win32')('it is another one when a file may be run', () => {
  chmodSync(at('package.json'), 0o755);
  expect(digestOfFolder(folder)).not.toBe(before);
});
