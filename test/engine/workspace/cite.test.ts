// What an answer names becomes a link only where the files have it.
import { expect, test } from 'vitest';
import { citationsOf } from '../../../engine/workspace/cite.ts';

const files = new Map([
  [
    'src/queue.ts',
    'import { log } from "./log";\n\n/** Waiting items. */\nexport class TaskQueue {\n  push(item: Task): void {\n    log(item);\n  }\n}\n',
  ],
  ['src/lib.rs', 'pub fn parse_header(text: &str) -> u32 {\n    0\n}\n'],
  ['README.md', '# Demo\n\nThe TaskQueue holds tasks until a worker is free.\n'],
]);

test('only places that exist are cited, by whole path or by an ending that fits one file', () => {
  expect(
    citationsOf(
      'See `src/queue.ts:4`, queue.ts:5-7, ./README.md, src/queue.ts:400, nowhere.ts:1 and lib.rs.',
      files,
    ),
  ).toEqual([
    { path: 'src/queue.ts', startLine: 4, endLine: 4, hasLines: true },
    { path: 'src/queue.ts', startLine: 5, endLine: 7, hasLines: true },
    { path: 'README.md', startLine: 1, endLine: 1, hasLines: false },
    { path: 'src/lib.rs', startLine: 1, endLine: 1, hasLines: false },
  ]);
});

test('between backticks any name of a file counts, and code that holds one is looked into', () => {
  const odd = new Map([
    ['Makefile', 'all:\n'],
    ['app/[id]/page.tsx', 'one\ntwo\nthree\n'],
    ['src/b.ts', 'x\n'],
  ]);
  expect(
    citationsOf('`Makefile` and `app/[id]/page.tsx:2-3`, then `node src/b.ts`. A word: `b` and `x.', odd),
  ).toEqual([
    { path: 'Makefile', startLine: 1, endLine: 1, hasLines: false },
    { path: 'app/[id]/page.tsx', startLine: 2, endLine: 3, hasLines: true },
    { path: 'src/b.ts', startLine: 1, endLine: 1, hasLines: false },
  ]);
});

test('a name that two files share is not guessed', () => {
  expect(citationsOf('See index.ts:1.', new Map(['a', 'b'].map(d => [`${d}/index.ts`, 'x\n'])))).toEqual([]);
});
