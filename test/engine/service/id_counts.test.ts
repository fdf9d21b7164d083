// Which ids drafts are chosen among, and how counts of them are kept.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { draftIdsMax, IdCounts, type CountedVocabulary } from '../../../engine/service/id_counts.ts';
import { IdStore } from '../../../engine/service/id_store.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

function vocabulary(vocabularySize: number, addedIds: number[] = [], first = 0): CountedVocabulary {
  return { vocabularySize, addedIds, decodeBytes: id => Uint8Array.of(first + id) };
}

const times = (id: number, count: number) => new Array<number>(count).fill(id);

test('before anything is counted: added tokens, and others by rank', () => {
  const counts = new IdCounts(vocabulary(100, [97, 98]));
  expect([...counts.frequent(6)!]).toEqual([0, 1, 2, 3, 97, 98]);
});

test('what texts hold more than once comes before others by rank, the most frequent first', () => {
  const counts = new IdCounts(vocabulary(100, [97]));
  counts.note([...times(50, 2), ...times(60, 3), ...times(70, 4), 80, 1]);
  expect(counts.kept()).toEqual([
    [70, 4],
    [60, 3],
    [50, 2],
  ]);
  expect([...counts.frequent(5)!]).toEqual([0, 50, 60, 70, 97]);
  expect([...counts.frequent(3)!]).toEqual([60, 70, 97]);
});

test('a vocabulary that is no larger needs no choice', () => {
  expect(new IdCounts(vocabulary(draftIdsMax)).frequent()).toBeUndefined();
  const some = new IdCounts(vocabulary(draftIdsMax + 1, [draftIdsMax])).frequent()!;
  expect(some.length).toBe(draftIdsMax);
  expect(some.at(-1)).toBe(draftIdsMax);
});

test('however much is read, ids by rank keep their place', () => {
  const size = 4 * draftIdsMax;
  const counts = new IdCounts(vocabulary(size));
  for (let round = 0; round < 2; round++) counts.note(Array.from({ length: size }, (_, id) => size - 1 - id));
  const ids = counts.frequent()!;
  expect(ids.length).toBe(draftIdsMax);
  expect(new Set(ids).size).toBe(draftIdsMax);
  expect(ids.filter(id => id < draftIdsMax / 2).length).toBe(draftIdsMax / 2);
});

test('older texts fade', () => {
  const counts = new IdCounts(vocabulary(10), [
    [3, 2 ** 22],
    [4, 5],
  ]);
  counts.note([4]);
  expect(counts.kept()).toEqual([
    [3, 2 ** 21],
    [4, 3],
  ]);
});

test('counts are kept for their vocabulary, and go on from there', async () => {
  const directory = join(temporaryDirectory(), 'ids');
  const store = new IdStore(directory);
  const one = vocabulary(50, [49]);
  const counts = await store.read(one);
  await store.write(counts);
  expect(() => readdirSync(directory), 'nothing was counted').toThrow();
  counts.note([...times(7, 3), 8, 9, 9, 400]);
  await store.write(counts);
  const again = await store.read(vocabulary(50, [49]));
  expect(again.kept()).toEqual([
    [7, 3],
    [9, 2],
  ]);
  for (const other of [vocabulary(51, [49]), vocabulary(50, [48]), vocabulary(50, [49], 1)])
    expect((await store.read(other)).kept()).toEqual([]);
  expect(readdirSync(directory)).toHaveLength(1);
  again.note([9, 9]);
  await store.write(again);
  expect(readdirSync(directory), 'nothing half-written is left').toHaveLength(1);
  expect((await store.read(one)).kept()[0]).toEqual([9, 4]);
});

test.each([
  '',
  '{',
  '{"version":2,"counts":[]}',
  '{"version":1,"counts":[[1,-2]]}',
  '{"version":1,"counts":[[1]]}',
])('a file that holds %j counts for nothing', async text => {
  const directory = join(temporaryDirectory(), 'ids');
  const store = new IdStore(directory);
  const counts = new IdCounts(vocabulary(50));
  counts.note([1, 1]);
  await store.write(counts);
  const path = join(directory, readdirSync(directory)[0] as string);
  expect(readFileSync(path, 'utf8')).toBe('{"version":1,"counts":[[1,2]]}\n');
  writeFileSync(path, text);
  expect((await store.read(vocabulary(50))).kept()).toEqual([]);
});
