// The map of files that have no room: never longer than asked, the same for the same files, and what is worth least goes first.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  repositoryMap,
  type FileExports,
  type RepositoryMap,
} from '../../../../engine/workspace/packing/repository_map.ts';

/** A token a character, and ten for the heading. */
const tokensOfMap = (text: string): number => text.length + 10;
const tokensOfLines = (text: string): number => text.length;
const mapOf = (paths: string[], exports: FileExports, tokensMax: number): RepositoryMap | undefined =>
  repositoryMap(paths, exports, { tokensMax, tokensOfMap, tokensOfLines });

/** Those of most worth first. */
const paths = ['src/main.ts', 'lib/a.ts', 'docs/x.md', 'src/b.ts'];
const symbol = (name: string, signature = `function ${name}(): void`) => ({ name, signature });
const exports: FileExports = new Map([
  ['src/main.ts', [symbol('main'), symbol('main', 'function main(all: boolean): void')]],
  ['lib/a.ts', [symbol('first'), symbol('second')]],
  ['src/b.ts', [symbol('last')]],
]);
const whole = mapOf(paths, exports, 1_000)?.text ?? '';

test('names files by path, each with the signatures of what it exports', () => {
  expect(whole).toBe(
    `docs/x.md
lib/a.ts
  function first(): void
  function second(): void
src/b.ts
  function last(): void
src/main.ts
  function main(): void
  function main(all: boolean): void
`,
  );
});

test('with less room signatures go, those of the files of least worth first', () => {
  expect(mapOf(paths, exports, whole.length + 9)?.text).toBe(
    whole.replace('src/b.ts\n  function last(): void', 'src/b.ts: last'),
  );
});

test('then names of symbols go, and a file with few of them may have room where one with many has none', () => {
  const lines = 'docs/x.md\nlib/a.ts\nsrc/b.ts: last\nsrc/main.ts: main\n';
  expect(mapOf(paths, exports, lines.length + 10)?.text).toBe(lines);
});

test('then paths go: folders and how many files they have remain', () => {
  const many = Array.from({ length: 100 }, (_, i) => `src/part${i % 2}/file${i}.ts`);
  const map = mapOf(['README.md', ...many], new Map([['README.md', [symbol('Intro')]]]), 210);
  expect(map?.text).toBe(
    `README.md
src/part0/file0.ts
src/part0/file2.ts
src/part0/file4.ts
src/part0/file6.ts
src/part0/ (46 more files)
src/part1/file1.ts
src/part1/file3.ts
src/part1/file5.ts
src/part1/ (47 more files)
`,
  );
  expect(map?.paths).toEqual(['README.md', ...many.slice(0, 7)]);
  expect(map?.isWhole).toBe(false);
  // Folders are taken together where there is no room for each.
  expect(mapOf(many, new Map(), 60)?.text).toBe('src/part0/file0.ts\nsrc/ (99 more files)\n');
  expect(mapOf(many, new Map(), 35)?.text).toBe('src/ (100 more files)\n');
  expect(mapOf(['a/b/c.ts', `${'d'.repeat(50)}.ts`], new Map(), 50)?.text).toBe('a/b/c.ts\n(1 more file)\n');
});

test('has no text where there is no room at all', () => {
  expect(mapOf(paths, exports, 12)).toBeUndefined();
  expect(mapOf([], exports, 100)).toBeUndefined();
});

test('never takes more than asked, whatever tokens lines have together, and comes out the same whatever came in between', () => {
  const name = fc.stringMatching(/^[a-c]{1,6}$/);
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map(parts => parts.join('/'));
  fc.assert(
    fc.property(
      fc.uniqueArray(path, { maxLength: 40 }),
      fc.array(fc.array(name, { maxLength: 5 }), { maxLength: 40 }),
      fc.integer({ min: 0, max: 900 }),
      fc.integer({ min: 0, max: 3 }),
      (all, names, tokensMax, more) => {
        const known = new Map(all.map((one, i) => [one, (names[i] ?? []).map(each => symbol(each))]));
        const room = {
          tokensMax,
          tokensOfLines,
          // Every so many characters take one token more in the whole.
          tokensOfMap: (text: string) => tokensOfMap(text) + Math.ceil((text.length * more) / 7),
        };
        const map = repositoryMap(all, known, room);
        expect(map ? room.tokensOfMap(map.text) : 0).toBeLessThanOrEqual(tokensMax);
        expect(repositoryMap(all, new Map([...known].reverse()), room)).toEqual(map);
        // What is named is what has most worth.
        expect(map?.paths ?? []).toEqual(all.slice(0, map?.paths.length ?? 0));
        expect(!map?.isWhole || map.paths.length === all.length).toBe(true);
      },
    ),
  );
});
