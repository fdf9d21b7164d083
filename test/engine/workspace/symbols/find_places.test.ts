// Questions in three languages and the places that answer them.
import { describe, expect, test } from 'vitest';
import { findPlaces } from '../../../../engine/workspace/symbols/find_places.ts';
import { englishWordsFor } from '../../../../engine/workspace/symbols/programming_words.ts';
import { questionOf } from '../../../../engine/workspace/symbols/question.ts';
import { SymbolIndex } from '../../../../engine/workspace/symbols/symbol_index.ts';
import { indexOf, outlineOf } from '../../../support/symbol_index.ts';

const files = {
  'src/queue.ts':
    'import { log } from "./log";\n\n/** Waiting items. */\nexport class TaskQueue {\n  push(item: Task): void {\n    log(item);\n  }\n}\n',
  'src/use.ts':
    'import {\n  TaskQueue,\n} from "./queue";\n\nexport function start() {\n  const queue = new TaskQueue();\n  queue.push(1);\n}\n',
  'src/store/cache_reader.ts':
    'export function readCacheFile(path: string) {\n  return decode(path);\n}\nexport function dropCache() {}\n',
  'src/store/disk.ts':
    'import { readCacheFile } from "./cache_reader";\n\nexport const warm = () => readCacheFile("x");\n',
  'test/cache.test.ts':
    'import { readCacheFile } from "../src/store/cache_reader";\n\ntest("reads", () => readCacheFile("y"));\n',
  'tools/build.py': 'import os\n\ndef build_all(path):\n    return os.listdir(path)\n',
  'src/lib.rs': 'pub fn parse_header(text: &str) -> u32 {\n    0\n}\n',
  'zz/地图.ts': 'export function 寻路服务() {}\n',
  'zz/카페.ts': 'export function 경로찾기() {}\n'.normalize('NFD'),
  'README.md': '# Demo\n\nThe TaskQueue holds tasks until a worker is free.\n',
};
const index = await indexOf(files);
const first = (question: string) => {
  const [place] = findPlaces(question, index, 5);
  return place && `${place.path}:${place.startLine}-${place.endLine}`;
};

describe('where a name is defined', () => {
  test.each([
    ['Where is TaskQueue defined?', 'src/queue.ts:3-8'],
    ['where is `push` defined', 'src/queue.ts:3-8'],
    ['Where is build_all defined?', 'tools/build.py:3-4'],
    ['where can I find parse_header', 'src/lib.rs:1-3'],
    ['TaskQueue는 어디에 정의되어 있나요?', 'src/queue.ts:3-8'],
    ['`TaskQueue` 클래스는 어디에 있어?', 'src/queue.ts:3-8'],
    ['TaskQueue在哪里定义？', 'src/queue.ts:3-8'],
    ['寻路服务在哪里定义？', 'zz/地图.ts:1-1'],
    ['`寻路服务` 在哪里？', 'zz/地图.ts:1-1'],
    ['경로찾기는 어디에 정의되어 있나요?', 'zz/카페.ts:1-1'],
    ['Where is 寻路服务 defined?', 'zz/地图.ts:1-1'],
  ])('%s', (question, place) => expect(first(question)).toBe(place));
});

describe('who calls a name', () => {
  test.each([
    'Who calls readCacheFile?',
    'What uses `readCacheFile`?',
    'usages of readCacheFile',
    'readCacheFile를 호출하는 곳은 어디인가요?',
    '谁调用了readCacheFile？',
    '哪里使用了 readCacheFile？',
  ])('%s', question => {
    const paths = findPlaces(question, index, 5).map(({ path }) => path);
    expect(paths.slice(0, 3)).toEqual([
      'src/store/disk.ts',
      'test/cache.test.ts',
      'src/store/cache_reader.ts',
    ]);
  });

  test('a class is used where it is made', () => expect(first('Who uses TaskQueue?')).toBe('src/use.ts:5-8'));
});

describe('which file does something', () => {
  test.each([
    ['Which file reads files of the cache?', 'src/store/cache_reader.ts'],
    ['what happens to tasks until a worker is free?', 'README.md'],
    ['캐시 파일을 읽는 파일은 어떤 파일인가요?', 'src/store/cache_reader.ts'],
    ['哪个文件读取缓存文件？', 'src/store/cache_reader.ts'],
  ])('%s', (question, path) => expect(first(question)?.split(':')[0]).toBe(path));

  test.each([
    'Which file does this: Reads a file of the cache by the path that is used, and decodes it for the TaskQueue.',
    '다음을 하는 파일은 어떤 파일인가요? Reads a file of the cache by the path that is used, and decodes it for the TaskQueue.',
    '哪个文件做这件事：Reads a file of the cache by the path that is used, and decodes it for the TaskQueue.',
  ])('a name in a description does not go before what is described: %s', question =>
    expect(first(question)?.split(':')[0]).toBe('src/store/cache_reader.ts'),
  );

  test.each([
    'Which files call readCacheFile when the disk is warm and the path decoded?',
    '디스크 경로와 상태를 준비할 때 어떤 파일이 readCacheFile를 호출하나요?',
    '哪个文件在读取磁盘路径并准备状态的时候调用了readCacheFile？',
  ])('who calls a name stays what is asked: %s', question => {
    const { wanted, names } = questionOf(question);
    expect(wanted).toBe('callers');
    expect(names).toContain('readCacheFile');
  });

  test('words that ask are content in a description', () => {
    const { wanted, terms } = questionOf('Which file finds the functions of each class?');
    expect(wanted).toBe('file');
    expect([...terms.keys()]).toEqual(['each']);
    const described = questionOf('Which file finds the called functions of each slow but used class today?');
    expect(described.wanted).toBe('described');
    expect([...described.terms.keys()]).toEqual(
      expect.arrayContaining(['find', 'call', 'function', 'class']),
    );
  });

  test('words of Chinese and Korean stand for English ones, the longest first', () => {
    expect(englishWordsFor('读取缓存')).toEqual(['read', 'load', 'get', 'cache']);
    expect(englishWordsFor('文件夹')).toEqual(['folder', 'directory', 'dir']);
    expect(englishWordsFor('캐시를')).toEqual(['cache']);
  });
});

describe('a path in the question', () => {
  test.each([
    ['What is in src/queue.ts?', 'src/queue.ts:1-8'],
    ['explain @src/use.ts please', 'src/use.ts:1-8'],
    ['what does disk.ts do.', 'src/store/disk.ts:1-3'],
    ['src/queue.ts를 설명해줘', 'src/queue.ts:1-8'],
    ['解释src/queue.ts的代码', 'src/queue.ts:1-8'],
    ['`./src/queue.ts:4` does what?', 'src/queue.ts:1-8'],
    ['what does src\\queue.ts do?', 'src/queue.ts:1-8'],
    ['zz/地图.ts里有什么？', 'zz/地图.ts:1-1'],
  ])('%s', (question, place) => expect(first(question)).toBe(place));

  test('of a folder brings files of it', () => {
    const paths = findPlaces('How does reading in src/store/ work?', index, 3).map(({ path }) => path);
    expect(paths.slice(0, 2).sort()).toEqual(['src/store/cache_reader.ts', 'src/store/disk.ts']);
  });
});

test('places do not overlap, and are no more than asked for', () => {
  const places = findPlaces('TaskQueue in src/queue.ts: push, readCacheFile, build_all, tasks', index, 6);
  expect(places).toHaveLength(6);
  for (const one of places)
    for (const other of places)
      expect(
        one === other ||
          one.path !== other.path ||
          one.endLine < other.startLine ||
          other.endLine < one.startLine,
      ).toBe(true);
});

test('of a name that many files define, exported and plain sources come first', async () => {
  const own = await indexOf({
    'a/test/helper.ts': 'export function load() {}\n',
    'b/inner.ts': 'class X {\n  load() {}\n}\n',
    'c/local.ts': 'function load() {}\n',
    'd/load.ts': 'export function load() {}\n',
    'e/other.ts': 'export function Load() {}\n',
  });
  const places = findPlaces('Where is `load` defined?', own, 5).map(({ path }) => path);
  expect(places[0]).toBe('d/load.ts');
  expect(places[1]).toBe('c/local.ts');
});

test('a removed or changed file is no longer found by its old text, also after the index was swept', async () => {
  const own = new SymbolIndex();
  const found = (question: string) => findPlaces(question, own, 3).map(({ path }) => path);
  own.put('a.ts', 'const giraffe = 1;\n', []);
  expect(found('giraffe')).toEqual(['a.ts']);
  const [outline] = await outlineOf('b.ts', 'function lion() {}\n');
  const named = (name: string) => (outline ? [{ ...outline, name }] : []);
  own.put('a.ts', 'const zebra = 1;\n', named('zebra'));
  expect(found('giraffe')).toEqual([]);
  expect(found('zebra')).toEqual(['a.ts']);
  for (let i = 0; i < 5_000; i++) own.put('b.ts', `function lion${i}() {}\n`, named(`lion${i}`));
  expect(own.size).toBe(2);
  expect(found('zebra')).toEqual(['a.ts']);
  expect(found('lion4999')).toEqual(['b.ts']);
  expect(found('lion4998')).toEqual([]);
  expect(own.defining('lion4999').map(({ path }) => path)).toEqual(['b.ts']);
  expect(own.defining('lion4998')).toEqual([]);
  expect(own.defining('zebra').map(({ path }) => path)).toEqual(['a.ts']);
  const { passages } = own.scores(new Map([['lion4999', 1]]));
  expect([...passages.values()].every(score => score > 0)).toBe(true);
  own.remove('a.ts');
  expect(found('zebra')).toEqual([]);
});

test('a question with thousands of words is bounded, and the name before pasted code is found', async () => {
  const own = await indexOf(
    Object.fromEntries(
      Array.from({ length: 300 }, (_, i) => [`src/f${i}.ts`, `export function name${i}() {}\n`]),
    ),
  );
  const pasted = Array.from({ length: 50_000 }, (_, i) => `rare_word_${i}`).join('\n');
  const question = `What does name7 do here?\n${pasted}`;
  expect(findPlaces(question, own, 5)[0]).toMatchObject({ path: 'src/f7.ts', startLine: 1 });
  const { names, words, paths, terms, runs } = questionOf(question);
  for (const list of [names, words, paths, runs]) expect(list.length).toBeLessThanOrEqual(32);
  expect(terms.size).toBeLessThanOrEqual(64);
});

test.each([
  '',
  '?',
  '`',
  '@',
  '.'.repeat(50_000),
  '/'.repeat(50_000),
  '@'.repeat(50_000),
  '哪'.repeat(50_000),
  'a/'.repeat(20_000),
  '`a` '.repeat(20_000),
  'aB'.repeat(20_000),
])('a strange question is answered: %#', question => {
  expect(findPlaces(question, index, 5).length).toBeLessThanOrEqual(5);
});
