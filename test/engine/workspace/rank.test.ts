// Where is X? Definitions first, then what a text search likes; citations only when the files have them.
import MiniSearch from 'minisearch';
import { afterEach, expect, test, vi } from 'vitest';
import { chunk } from '../../../engine/workspace/chunker.ts';
import { citationsOf } from '../../../engine/workspace/cite.ts';
import { identifierTerms, PassageIndex } from '../../../engine/workspace/passage_index.ts';
import { identifiersOf, rankPlaces } from '../../../engine/workspace/rank.ts';
import { Workspace } from '../../../engine/workspace/workspace.ts';

const files = new Map([
  [
    'src/queue.ts',
    'import { log } from "./log";\n\n/** Waiting items. */\nexport class TaskQueue {\n  push(item: Task): void {\n    log(item);\n  }\n}\n',
  ],
  ['src/use.ts', 'import { TaskQueue } from "./queue";\n\nconst queue = new TaskQueue();\nqueue.push(1);\n'],
  ['tools/build.py', 'import os\n\ndef build_all(path):\n    return os.listdir(path)\n'],
  ['src/lib.rs', 'pub fn parse_header(text: &str) -> u32 {\n    0\n}\n'],
  ['README.md', '# Demo\n\nThe TaskQueue holds tasks until a worker is free.\n'],
]);
const index = new PassageIndex();
for (const [path, text] of files) index.put(path, text);

test.each([
  ['Where is TaskQueue defined?', 'src/queue.ts', 4],
  ['where is `push` defined', 'src/queue.ts', 5],
  ['Where is build_all defined?', 'tools/build.py', 3],
  ['where can I find parse_header', 'src/lib.rs', 1],
])('%s is answered by %s:%i first', (question, path, line) => {
  expect(rankPlaces(question, index, 5)[0]).toMatchObject({ path, startLine: line, endLine: line });
});

test('a question without identifiers finds text', () => {
  expect(
    rankPlaces('what happens to tasks until a worker is free?', index, 3).map(place => place.path),
  ).toContain('README.md');
});

test('a removed or changed file is no longer found by its old text', () => {
  const own = new PassageIndex();
  own.put('a.ts', 'const giraffe = 1;\n');
  expect(own.find('giraffe', 3).length).toBe(1);
  own.put('a.ts', 'const zebra = 1;\n');
  expect(own.find('giraffe', 3)).toEqual([]);
  own.remove('a.ts');
  expect(own.find('zebra', 3)).toEqual([]);
});

test('a question in a script without spaces finds what is named in it', () => {
  const own = new PassageIndex();
  for (let i = 0; i < 30; i++) own.put(`src/filler${i}.ts`, `export function filler${i}() {}\n// 在 服 务\n`);
  own.put('zz/地图.ts', 'export function 寻路服务() {}\n');
  own.put('zz/카페.ts', 'export function 경로찾기() {}\n'.normalize('NFD'));
  const first = (question: string) => rankPlaces(question, own, 5)[0]?.path;
  expect(first('寻路服务在哪里定义？')).toBe('zz/地图.ts');
  expect(first('`寻路服务` 在哪里？')).toBe('zz/地图.ts');
  expect(first('경로찾기는 어디에 정의되어 있나요?')).toBe('zz/카페.ts');
  expect(first('Where is 寻路服务 defined?')).toBe('zz/地图.ts');
});

test('identifiers are found whole and by their parts', () => {
  expect(identifierTerms('parseHTTPHeader max_token_count')).toEqual([
    'parsehttpheader',
    'parse',
    'http',
    'header',
    'max_token_count',
    'max',
    'token',
    'count',
  ]);
});

test('quoted names come before code-like ones, question words never', () => {
  expect(identifiersOf('Where is `fooBar()` or max_len defined in the code?')).toEqual(['fooBar', 'max_len']);
});

test('passages cover every line once', () => {
  const text = Array.from({ length: 200 }, (_, i) =>
    i % 9 === 0 ? '' : i % 30 === 1 ? `function f${i}() {` : `  line ${i}`,
  ).join('\n');
  const passages = chunk('a.ts', text);
  expect(passages[0]?.startLine).toBe(1);
  for (const [i, passage] of passages.slice(1).entries())
    expect(passage.startLine).toBe(passages[i]!.endLine + 1);
  expect(passages.at(-1)?.endLine).toBe(200);
  expect(Math.max(...passages.map(p => p.endLine - p.startLine + 1))).toBeLessThanOrEqual(60);
  expect(passages.map(p => p.text).join('\n')).toBe(text);
  expect(chunk('empty', '')).toEqual([]);
});

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

test('every definition of a name is found at its line, also behind uses of it and in long files', () => {
  const text = `${'use(wanted);\n\n'.repeat(40)}function wantedMore() {}\nfunction wanted() {}\nclass wanted {}\n`;
  const own = new PassageIndex();
  own.put('a.ts', text);
  const places = rankPlaces('Where is wanted?', own, 2);
  expect(places.map(({ startLine, text: line }) => [startLine, line])).toEqual([
    [82, 'function wanted() {}'],
    [83, 'class wanted {}'],
  ]);
});

afterEach(() => vi.restoreAllMocks());

test('a question with thousands of words costs a bounded number of searches, and the name before pasted code is found', () => {
  const own = new PassageIndex();
  for (let i = 0; i < 300; i++) own.put(`src/f${i}.ts`, `export function name${i}() {}\n`);
  const pasted = Array.from({ length: 50_000 }, (_, i) => `rare_word_${i}`).join('\n');
  const search = vi.spyOn(MiniSearch.prototype, 'search');
  const [first] = rankPlaces(`What does name7 do here?\n${pasted}`, own, 5);
  expect(first).toMatchObject({ path: 'src/f7.ts', startLine: 1 });
  expect(search.mock.calls.length).toBeLessThan(40);
  const searched = search.mock.calls.map(([query]) => String(query).split(' ').length);
  expect(Math.max(...searched)).toBeLessThan(100);
});

test('enough definitions end the search', () => {
  const search = vi.spyOn(MiniSearch.prototype, 'search');
  expect(rankPlaces('`TaskQueue` and build_all, parse_header or others', index, 1)).toHaveLength(1);
  expect(search).toHaveBeenCalledTimes(1);
});

test('an answer ranks its question once, for the excerpts in the prompt and for its sources', () => {
  const workspace = new Workspace('file:///demo', 'demo');
  const ingested = [...files].map(([path, text]) => ({ path, uri: `file:///${path}`, text }));
  workspace.ingest({ reset: true, files: ingested, removedPaths: [], skipped: [] });
  const search = vi.spyOn(MiniSearch.prototype, 'search');
  const places = workspace.places('Where is TaskQueue?');
  const searches = search.mock.calls.length;
  expect(workspace.unseen(places)).toEqual(places);
  const included = [{ path: 'tools/build.py', tokens: 9 }];
  const seen = { status: { ...workspace.status, included }, excerpts: [] };
  expect(
    workspace.sources(seen, places, 'In tools/build.py:3.').map(({ path, origin }) => [path, origin]),
  ).toContainEqual(['tools/build.py', 'cited']);
  expect(search).toHaveBeenCalledTimes(searches);
});
