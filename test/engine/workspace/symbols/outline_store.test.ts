// Outlines on disk: found again as they were, or not at all.
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { outlineKey, OutlineStore } from '../../../../engine/workspace/symbols/outline_store.ts';
import { outlineOf } from '../../../support/symbol_index.ts';
import { temporaryDirectory } from '../../../support/temporary_directory.ts';

const text = 'export class A {\n  go() {}\n}\nconst b = 1;\n';
const key = outlineKey('a.ts', text);
const outlines = new Map([
  [key, await outlineOf('a.ts', text)],
  [outlineKey('b.md', '# One\n'), await outlineOf('b.md', '# One\n')],
]);

test('come back as they were, in a file that only the user can read', async () => {
  const directory = join(temporaryDirectory(), 'symbols');
  const store = new OutlineStore(directory, 'file:///one');
  expect(await store.read()).toEqual(new Map());
  await store.write(outlines);
  expect(await new OutlineStore(directory, 'file:///one').read()).toEqual(outlines);
  expect(await new OutlineStore(directory, 'file:///two').read()).toEqual(new Map());
  const [name] = readdirSync(directory) as [string];
  if (process.platform !== 'win32') {
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
  }
});

test('a key is of the text and of its language', () => {
  expect(outlineKey('b.ts', text)).toBe(key);
  expect(outlineKey('a.js', text)).not.toBe(key);
  expect(outlineKey('a.ts', `${text} `)).not.toBe(key);
});

test('any damaged byte loses at most what it stands in, and gives nothing wrong', async () => {
  const directory = temporaryDirectory();
  const store = new OutlineStore(directory, 'w');
  await store.write(outlines);
  const path = join(directory, readdirSync(directory)[0] as string);
  const whole = readFileSync(path);
  for (let at = 0; at < whole.length; at++) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] as number) ^ 1;
    writeFileSync(path, damaged);
    for (const [found, outline] of await store.read()) expect(outline).toEqual(outlines.get(found));
  }
  for (const length of [0, 1, 5, whole.length >> 1, whole.length - 1]) {
    writeFileSync(path, whole.subarray(0, length));
    for (const [found, outline] of await store.read()) expect(outline).toEqual(outlines.get(found));
  }
});

test('what is old, and what was left half-written, goes with the next writing', async () => {
  const directory = temporaryDirectory();
  await new OutlineStore(directory, 'old').write(outlines);
  const [old] = readdirSync(directory) as [string];
  writeFileSync(join(directory, 'x.outlines.part'), '');
  const longAgo = new Date(Date.now() - 100 * 86_400_000);
  for (const name of [old, 'x.outlines.part']) utimesSync(join(directory, name), longAgo, longAgo);
  await new OutlineStore(directory, 'new').write(outlines);
  expect(readdirSync(directory)).toHaveLength(1);
  expect(await new OutlineStore(directory, 'new').read()).toEqual(outlines);
});

test('a folder that cannot be written is an error, and nothing is left', async () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'file'), '');
  await expect(new OutlineStore(join(directory, 'file'), 'w').write(outlines)).rejects.toThrow();
});
