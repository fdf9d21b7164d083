// What the engine keeps on the disk is counted and deleted without it.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DiskCache } from '../../../extension/workspace/disk_cache.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

test('all files are counted and deleted, and a folder that is not there is empty', async () => {
  const directory = join(temporaryDirectory(), 'states');
  const cache = new DiskCache(directory);
  expect(await cache.bytes()).toBe(0);
  await cache.clear();
  mkdirSync(directory);
  writeFileSync(join(directory, 'a.state'), 'x'.repeat(700));
  writeFileSync(join(directory, 'b.state.part'), 'x'.repeat(50));
  expect(await cache.bytes()).toBe(750);
  await cache.clear();
  expect(readdirSync(directory)).toEqual([]);
});

test('a folder that cannot be read is told', async () => {
  const path = join(temporaryDirectory(), 'file');
  writeFileSync(path, '');
  await expect(new DiskCache(path).bytes()).rejects.toThrow('ENOTDIR');
});
