// What files give to others, by their outlines.
import { expect, test } from 'vitest';
import { exportedSymbols, withinChars } from '../../../../engine/workspace/symbols/exported_symbols.ts';
import { outlineOf } from '../../../support/symbol_index.ts';

const of = async (path: string, text: string): Promise<string[]> =>
  exportedSymbols(await outlineOf(path, text)).map(({ signature }) => signature);

test('names what other files can see, by its signature', async () => {
  expect(
    await of(
      'a.ts',
      `import { x } from './x';
export interface Options { size: number }
/** Does it. */
export async function run(options: Options): Promise<void> {
  const inner = 1;
}
export function size(of: string): number;
export function size(of: string[]): number;
function hidden() {}
export default class Box { open() {} }
const listed = 1;
export { listed };
`,
    ),
  ).toEqual([
    'interface Options',
    'async function run(options: Options): Promise<void>',
    'function size(of: string): number;',
    'function size(of: string[]): number;',
    'class Box',
    'const listed',
  ]);
  expect(await of('a.py', 'def run(): pass\ndef _own(): pass\nclass Box:\n  def open(self): pass\n')).toEqual(
    ['def run():', 'class Box:'],
  );
  expect(await of('a.go', 'package a\nfunc Run() {}\nfunc own() {}\n')).toEqual(['func Run()']);
});

test('goes into namespaces', async () => {
  expect(
    await of('a.cpp', 'namespace n {\nclass Box {\n int x;\n};\nint run(int a) { return a; }\n}\n'),
  ).toEqual(['class Box', 'int run(int a)']);
});

test('says that there is more where a file has more than anybody wants to know', async () => {
  const many = Array.from({ length: 60 }, (_, i) => `export const value${i} = ${i};\n`).join('');
  const signatures = await of('a.ts', many);
  expect(signatures).toHaveLength(41);
  expect(signatures.slice(-2)).toEqual(['const value39', '…']);
});

test('ends signatures first and then files where there are too many characters', () => {
  const file = (path: string) => ({ path, symbols: [{ name: 'name', signature: 'function name(): void' }] });
  const files = ['a', 'b', 'c', 'd', 'e', 'f'].map(file);
  const kept = withinChars(files, 21);
  expect(kept.map(({ path }) => path)).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(kept.map(({ symbols }) => symbols[0]?.signature)).toEqual(['function name(): void', '', '', '', '']);
});
