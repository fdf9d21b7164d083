// Which file suggested code is for.
import { describe, expect, test } from 'vitest';
import { findTarget, type Files, type KnownFile, type Target } from '../../../extension/edit/find_target.ts';
import type { Suggestion } from '../../../extension/edit/suggestion.ts';

const texts: Record<string, string> = {
  'src/order.ts': 'export function total() {\n  return items.length;\n}\n',
  'src/cart.ts': 'export function add(item) {\n  items.push(item);\n}\n',
  'lib/old/cart.ts': 'export function add(item) {\n  all.push(item);\n}\n',
  'src/index.ts': "export * from './order.ts';\n",
  'tools/index.ts': "export * from './build.ts';\n",
  'run.py': 'def run():\n    start_all()\n',
};
const file = (path: string): KnownFile => ({
  uri: `file:///w/${path}`,
  path,
  language: path.endsWith('.py') ? 'python' : 'typescript',
});

function files(
  open: string[] = [],
  { hasActive = open.length > 0, symbols }: { hasActive?: boolean; symbols?: Record<string, string[]> } = {},
): Files {
  return {
    open: open.map(file),
    hasActive,
    withName: name =>
      Promise.resolve(
        Object.keys(texts)
          .filter(path => path === name || path.endsWith(`/${name}`))
          .map(file),
      ),
    defining: symbol => Promise.resolve((symbols?.[symbol] ?? []).map(file)),
    lines: ({ path }) => Promise.resolve(texts[path]?.split('\n')),
  };
}

const code = (change: Partial<Suggestion> = {}): Suggestion => ({
  code: 'export function unheard() {\n  return 0;\n}',
  language: 'ts',
  ...change,
});
const brief = (target: Target): unknown =>
  target.kind === 'file'
    ? target.file.path
    : target.kind === 'choose'
      ? target.files.map(({ path }) => path)
      : target.kind === 'new'
        ? `new ${target.path}`
        : 'unknown';
const found = async (suggestion: Suggestion, known: Files): Promise<unknown> =>
  brief(await findTarget(suggestion, known));

describe('a path that the answer names', () => {
  test('is the file, whatever is open', async () => {
    expect(await found(code({ path: 'src/order.ts' }), files(['run.py', 'src/cart.ts']))).toBe(
      'src/order.ts',
    );
    expect(await found(code({ code: '// src/order.ts\nx();' }), files())).toBe('src/order.ts');
    expect(await found(code({ before: 'Change `src/order.ts`:' }), files())).toBe('src/order.ts');
    expect(
      await found(
        code({ language: 'diff', code: '--- a/src/order.ts\n+++ b/src/order.ts\n@@\n-a\n+b' }),
        files(),
      ),
    ).toBe('src/order.ts');
  });

  test('may be shorter or longer than the file’s own', async () => {
    expect(await found(code({ path: 'order.ts' }), files())).toBe('src/order.ts');
    expect(await found(code({ path: 'project/src/order.ts' }), files())).toBe('src/order.ts');
  });

  test('that fits several files is asked about', async () => {
    expect(await found(code({ path: 'index.ts' }), files())).toEqual(['src/index.ts', 'tools/index.ts']);
    expect(await found(code({ path: 'tools/index.ts' }), files())).toBe('tools/index.ts');
  });

  test('of a file that moved is the file of that name with such code', async () => {
    const add = code({ path: 'app/cart.ts', code: 'export function add(item) {\n  all.unshift(item);\n}' });
    expect(await found(add, files())).toEqual(['src/cart.ts', 'lib/old/cart.ts']);
    expect(
      await found(code({ path: 'app/order.ts', code: 'export function total() {\n  return 1;\n}' }), files()),
    ).toBe('src/order.ts');
  });

  test('of no file is a new one', async () => {
    expect(await found(code({ path: 'src/fresh.ts' }), files(['src/order.ts']))).toBe('new src/fresh.ts');
    expect(await found(code({ path: 'app/order.ts' }), files())).toBe('new app/order.ts');
  });
});

describe('without a path', () => {
  const total = code({ code: 'export function total() {\n  return 1;\n}' });

  test('it is the open file that has most of the code', async () => {
    expect(await found(total, files(['src/cart.ts', 'src/order.ts']))).toBe('src/order.ts');
    expect(await found(total, files(['src/order.ts', 'src/cart.ts']))).toBe('src/order.ts');
  });

  test('the active one is preferred where several fit', async () => {
    const add = code({ code: 'export function add(item) {\n  x(item);\n}' });
    expect(await found(add, files(['lib/old/cart.ts', 'src/cart.ts']))).toBe('lib/old/cart.ts');
    expect(await found(add, files(['lib/old/cart.ts', 'src/cart.ts'], { hasActive: false }))).toEqual([
      'lib/old/cart.ts',
      'src/cart.ts',
    ]);
  });

  test('files of another language are none', async () => {
    const python = code({ language: 'python', code: 'def run():\n    stop_all()' });
    expect(await found(python, files(['src/order.ts', 'run.py']))).toBe('run.py');
    expect(await found({ ...python, language: 'ruby' }, files(['run.py']))).toBe('unknown');
    expect(await found({ ...python, language: '' }, files(['run.py']))).toBe('run.py');
  });

  test('the workspace’s symbols tell where nothing open fits', async () => {
    const symbols = { total: ['src/order.ts'], unheard: ['src/cart.ts', 'src/index.ts', 'run.py'] };
    expect(await found(total, files(['run.py'], { symbols }))).toBe('src/order.ts');
    expect(await found(code(), files([], { symbols }))).toEqual(['src/cart.ts', 'src/index.ts']);
  });

  test('code that is like nothing has no file', async () => {
    expect(await found(code(), files(['src/order.ts']))).toBe('unknown');
  });
});
