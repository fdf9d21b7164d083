// What each grammar finds, and what no file may do to it.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { grammars } from '../../../../scripts/package_contents.mjs';
import type { Definition } from '../../../../engine/workspace/symbols/definition.ts';
import { grammarNames } from '../../../../engine/workspace/symbols/languages.ts';
import { outlineOf } from '../../../support/symbol_index.ts';

/** "kind name start/line-end", members indented; a star before what others do not see. */
function lines(definitions: readonly Definition[], indent = ''): string[] {
  return definitions.flatMap(one => [
    `${indent}${one.exported ? '' : '*'}${one.kind} ${one.name} ${one.startLine}/${one.line}-${one.endLine}`,
    ...lines(one.members, `${indent}  `),
  ]);
}

const languages: [path: string, text: string, found: string[]][] = [
  [
    'a.tsx',
    `/** Doc. */
export default function App() { return <Foo/>; }
export const useX = () => { };
const Comp = make(), other = 2;
export { Comp };
@deco
export class Z<T> extends Y {
  // of go
  async go(a: number): Promise<void> {}
  #kept = 1;
}
declare module 'x' { export function q(): void; }
namespace A.B { export enum E { X } }
export type T = { a: string; b(): void };`,
    [
      'function App 1/2-2',
      'function useX 3/3-3',
      'variable Comp 4/4-4',
      '*variable other 4/4-4',
      'class Z 6/7-11',
      '  *method go 8/9-9',
      '  *variable kept 10/10-10',
      '*module x 12/12-12',
      '  function q 12/12-12',
      '*module A.B 13/13-13',
      '  enum E 13/13-13',
      'type T 14/14-14',
      '  *variable a 14/14-14',
      '  *method b 14/14-14',
    ],
  ],
  [
    'a.js',
    'export function* gen() {}\nclass C { x = 1; m() {} }\nmodule.exports = { C };',
    ['function gen 1/1-1', '*class C 2/2-2', '  *variable x 2/2-2', '  *method m 2/2-2'],
  ],
  [
    'a.py',
    'MAX = 3\n_x: int = 4\n\n# about\n@deco\nclass Foo(Base):\n    y = 1\n    @property\n    async def baz(self): return 1\ndef _hidden(): pass\n',
    [
      'variable MAX 1/1-1',
      '*variable _x 2/2-2',
      'class Foo 4/6-9',
      '  variable y 7/7-7',
      '  function baz 8/9-9',
      '*function _hidden 10/10-10',
    ],
  ],
  [
    'a.go',
    'package main\n// Doc\ntype Foo struct { A int }\ntype (\n  Bar interface { Do() error }\n)\nconst X = 1\nfunc (f *Foo) Do() error { return nil }\nfunc main() {}\n',
    ['type Foo 2/3-3', 'type Bar 4/5-6', 'variable X 7/7-7', 'method Do 8/8-8', '*function main 9/9-9'],
  ],
  [
    'a.rs',
    '/// Doc\n#[derive(Debug)]\npub struct Foo { a: u32 }\nimpl Foo {\n    pub fn new() -> Self { todo!() }\n}\ntrait T { fn go(&self); }\nmod inner { pub fn deep() {} }\nmacro_rules! mac { () => {} }\n',
    [
      'class Foo 1/3-3',
      '*class Foo 4/4-6',
      '  function new 5/5-5',
      '*interface T 7/7-7',
      '  *function go 7/7-7',
      '*module inner 8/8-8',
      '  function deep 8/8-8',
      '*function mac 9/9-9',
    ],
  ],
  [
    'A.java',
    '/** Doc */\npublic class A extends B {\n  private int f = 1;\n  @Override public int go(int a) { return a; }\n  enum E { ONE }\n}\n',
    ['class A 1/2-6', '  *variable f 3/3-3', '  method go 4/4-4', '  enum E 5/5-5'],
  ],
  [
    'a.hpp',
    '#define MAX 3\nnamespace ns {\ntemplate <typename T> class Foo : Bar {\n  int go(int a) const { return a; }\n};\nint Foo::run(char *p) { return 0; }\nstatic int *ptr(void) { return 0; }\n}\ntypedef struct { int b; } TT;\nint proto(int);\nint number;\n',
    [
      'variable MAX 1/1-1',
      'module ns 2/2-8',
      '  class Foo 3/3-5',
      '    function go 4/4-4',
      '  function run 6/6-6',
      '  function ptr 7/7-7',
      'type TT 9/9-9',
      'function proto 10/10-10',
    ],
  ],
  [
    'a.cs',
    'namespace N {\n  public class C : D {\n    public int P { get; set; }\n    private void Go<T>(int a) { }\n  }\n  record R(int a);\n}\n',
    ['module N 1/1-7', '  class C 2/2-5', '    variable P 3/3-3', '    *method Go 4/4-4', '  class R 6/6-6'],
  ],
  [
    'a.rb',
    'module M\n  class C < D\n    X = 1\n    # doc\n    def go(a)\n      a\n    end\n    def self.st; end\n  end\nend\n',
    [
      'module M 1/1-10',
      '  class C 2/2-9',
      '    variable X 3/3-3',
      '    function go 4/5-7',
      '    function st 8/8-8',
    ],
  ],
  [
    'a.php',
    '<?php\n/** doc */\nclass C { const X = 1; public function go($a) { } }\nfunction f() {}\n',
    ['class C 2/3-3', '  variable X 3/3-3', '  method go 3/3-3', 'function f 4/4-4'],
  ],
  [
    'a.sh',
    '# doc\ngo() { echo; }\nfunction other { echo; }\n',
    ['function go 1/2-2', 'function other 3/3-3'],
  ],
  [
    'a.css',
    '.a > b { color: red }\n@media x { #id { top: 0 } }\n',
    ['section .a > b 1/1-1', 'section id 2/2-2'],
  ],
  // No grammar: by the beginnings of lines.
  [
    'a.kt',
    'class Foo {\n    fun go(a: Int): Int {\n        return a\n    }\n}\n',
    ['class Foo 1/1-5', '  function go 2/2-4'],
  ],
  [
    'a.swift',
    'public struct Point {\n    func norm() {\n    }\n}\n',
    ['class Point 1/1-4', '  function norm 2/2-3'],
  ],
  ['a.md', '# One\ntext\n```\n# no\n```\n## Two ##\nmore\n', ['section One 1/1-5', 'section Two 6/6-7']],
  ['a.json', '{"a": 1}', []],
];

test.each(languages)('%s is read', async (path, text, found) => {
  expect(lines(await outlineOf(path, text))).toEqual(found);
});

test('a file with mistakes still gives what is right in it', async () => {
  const found = await outlineOf(
    'a.ts',
    'export function one() {}\nconst = = ;\n}}}\nexport function two() {}\n',
  );
  expect(found.map(({ name }) => name)).toEqual(['one', 'two']);
});

test('signatures are one line without the body, and not long', async () => {
  const [go, long] = await outlineOf(
    'a.ts',
    `export async function go(\n  a: number,\n): Promise<void> {\n  x();\n}\nexport function long(${'a: string, '.repeat(50)}) {}\n`,
  );
  expect(go?.signature).toBe('export async function go( a: number, ): Promise<void>');
  expect(long?.signature).toHaveLength(160);
});

describe('a hostile file', () => {
  const deep = 50_000;
  test.each([
    ['deep brackets', '('.repeat(deep)],
    ['deep lists', '['.repeat(deep)],
    ['deep blocks', '{'.repeat(deep)],
    ['deep templates', '`${'.repeat(deep)],
    ['deep arrows', 'x=>'.repeat(deep)],
    ['deep types', 'a<'.repeat(deep)],
    ['deep classes', 'class A { x = '.repeat(5_000)],
    ['deep namespaces', 'namespace a { '.repeat(5_000)],
    ['a long line', `const a = "${'x'.repeat(900_000)}";`],
    ['lone surrogates and zeros', 'const \ud800 = "\0";\nfunction f() {}'.repeat(100)],
    ['many definitions', 'function f() {}\n'.repeat(30_000)],
  ])('of %s ends, with something or nothing', async (_, text) => {
    for (const path of ['a.ts', 'a.kt'])
      expect((await outlineOf(path, text)).length).toBeLessThanOrEqual(20_000);
  });
});

test('the package brings the grammars that are used, and no others', () => {
  const brought = grammars.files.flatMap(name => /^wasm\/tree-sitter-(.+)\.wasm$/.exec(name)?.[1] ?? []);
  expect(brought).toEqual([...grammarNames].sort());
  const folder = dirname(createRequire(import.meta.url).resolve('@vscode/tree-sitter-wasm'));
  expect(readdirSync(folder)).toEqual(
    expect.arrayContaining(brought.map(name => `tree-sitter-${name}.wasm`)),
  );
});
