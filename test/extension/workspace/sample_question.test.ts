import { describe, expect, test } from 'vitest';
import { exportedSymbol, SampleQuestions } from '../../../extension/workspace/sample_question.ts';

describe('what a file exports', () => {
  const symbolOf = (path: string, text: string): string | undefined => exportedSymbol(path, text)?.symbol;

  test.each([
    ['a.ts', 'import x\n\nexport async function readAll(\n', 'readAll'],
    ['a.tsx', 'export default class Panel extends X {', 'Panel'],
    ['a.mjs', 'export function* walk(tree) {', 'walk'],
    ['a.py', 'import os\n\ndef takings(lines):\n', 'takings'],
    ['a.rs', 'pub async fn serve() {', 'serve'],
    ['a.go', 'package shop\n\nfunc helper() {}\nfunc Refill() {}', 'Refill'],
    ['A.java', 'public final class Receipt {', 'Receipt'],
  ])('%s: the first function or class', (path, text, symbol) => {
    expect(symbolOf(path, text)).toBe(symbol);
  });

  test('the one that the file is named after goes first', () => {
    const text = 'export function helper() {}\nexport class PriceList {}\n';
    expect(exportedSymbol('src/price_list.ts', text)).toMatchObject({ symbol: 'PriceList', isMain: true });
    expect(exportedSymbol('src/prices.ts', text)).toMatchObject({ symbol: 'helper', isMain: false });
  });

  test('what is inside others, private, too short or everywhere is none', () => {
    expect(symbolOf('a.ts', '  export function inner() {}\nfunction own() {}\n')).toBeUndefined();
    expect(symbolOf('a.py', 'def _hidden():\n    pass\ndef main():\n    pass\n')).toBeUndefined();
    expect(symbolOf('a.ts', 'export function add() {}')).toBeUndefined();
    expect(symbolOf('a.ts', `export function ${'x'.repeat(41)}() {}`)).toBeUndefined();
  });

  test('a text in no known language has none', () => {
    expect(symbolOf('README.md', 'export function shown() {}')).toBeUndefined();
    expect(symbolOf('Makefile', 'export function shown() {}')).toBeUndefined();
  });
});

describe('the sample question', () => {
  function ask(files: Record<string, string>, seen = Object.keys(files)): string | undefined {
    const questions = new SampleQuestions();
    for (const [path, text] of Object.entries(files)) questions.put(path, text);
    return questions.among(seen);
  }

  test('is about the first file, by path, of those that the model sees whole', () => {
    const files = { 'b.ts': 'export function second() {}', 'a.ts': 'export function first() {}' };
    expect(ask(files)).toBe('Where is first defined?');
    expect(ask(files, ['b.ts'])).toBe('Where is second defined?');
    expect(ask(files, [])).toBeUndefined();
  });

  test('is about the main language, and about the work itself before its tests', () => {
    expect(
      ask({
        'a.py': 'def report():',
        'b.ts': 'export function orders() {}',
        'c.ts': 'export function prices() {}',
      }),
    ).toBe('Where is orders defined?');
    const helper = { 'test/a.ts': 'export function helper() {}' };
    expect(ask({ ...helper, 'z.ts': 'export function work() {}' })).toBe('Where is work defined?');
    expect(ask(helper)).toBe('Where is helper defined?');
  });

  test('prefers what a file is named after, and takes no name that two files export', () => {
    const files = { 'a.ts': 'export function first() {}', 'stock.ts': 'export class Stock {}' };
    expect(ask(files)).toBe('Where is Stock defined?');
    expect(ask({ ...files, 'old/stock.ts': 'export class Stock {}' })).toBe('Where is first defined?');
  });

  test('follows changes of the files', () => {
    const questions = new SampleQuestions();
    questions.put('a.ts', 'export function before() {}');
    questions.put('a.ts', 'export function after() {}');
    expect(questions.among(['a.ts'])).toBe('Where is after defined?');
    questions.put('a.ts', '');
    expect(questions.among(['a.ts'])).toBeUndefined();
    questions.put('a.ts', 'export function again() {}');
    questions.remove('a.ts');
    expect(questions.among(['a.ts'])).toBeUndefined();
  });
});
