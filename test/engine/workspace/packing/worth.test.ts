// Which files come first when not all fit.
import { expect, test } from 'vitest';
import { pathKind } from '../../../../engine/shared/files/path_worth.ts';
import { byWorth } from '../../../../engine/workspace/packing/worth.ts';

const file = (path: string, text = '', changedAt = 0) => ({ path, text, changedAt });
const order = (files: ReturnType<typeof file>[], recentPaths: string[] = []): string[] =>
  byWorth(files, recentPaths).map(({ path }) => path);

test.each([
  ['README.md', 'start'],
  ['package.json', 'start'],
  ['src/app.ts', 'source'],
  ['src/app.test.ts', 'test'],
  ['tests/app.py', 'test'],
  ['pkg/app_test.go', 'test'],
  ['src/contest.ts', 'source'],
  ['package-lock.json', 'generated'],
  ['lib/vendor/x.go', 'generated'],
  ['dist/app.js', 'generated'],
  ['api/service.pb.go', 'generated'],
])('%s is %s', (path, kind) => {
  expect(pathKind(path)).toBe(kind);
});

test('the project says what it is first, then sources, tests, and last what was generated', () => {
  const paths = ['dist/a.js', 'src/a.test.ts', 'src/a.ts', 'README.md', 'yarn.lock', 'guide/README.md'];
  expect(order(paths.map(path => file(path)))).toEqual([
    'README.md',
    'guide/README.md',
    'src/a.ts',
    'src/a.test.ts',
    'yarn.lock',
    'dist/a.js',
  ]);
});

test('what is open comes first, in its order, then what that imports and what imports it', () => {
  const files = [
    file('README.md'),
    file('src/used.ts'),
    file('src/open.ts', "import { x } from './used.js';\n"),
    file('src/user.ts', "import { y } from './open.ts';\n"),
    file('src/other.ts'),
    file('src/second.ts'),
  ];
  expect(order(files, ['src/second.ts', 'src/open.ts'])).toEqual([
    'src/second.ts',
    'src/open.ts',
    'src/used.ts',
    'src/user.ts',
    'README.md',
    'src/other.ts',
  ]);
});

test('what many files import and what was changed lately is worth more', () => {
  const users = ['a', 'b', 'c'].map(name => file(`src/${name}.ts`, "import './core';\n"));
  expect(order([...users, file('src/core.ts'), file('src/plain.ts')])[0]).toBe('src/core.ts');
  expect(order([file('src/a.ts', '', 10), file('src/b.ts', '', 30), file('src/c.ts', '', 20)])).toEqual([
    'src/b.ts',
    'src/c.ts',
    'src/a.ts',
  ]);
});

test('what .gitattributes calls generated or vendored comes last, the inner file deciding', () => {
  const files = [
    file('.gitattributes', '# rules\n*.snapshot linguist-generated\nlib/** linguist-vendored=true\n'),
    file('lib/.gitattributes', 'own.ts -linguist-vendored\n'),
    file('a.snapshot'),
    file('lib/theirs.ts'),
    file('lib/own.ts'),
    file('z.ts'),
  ];
  const places = order(files);
  expect(places.slice(-3).sort()).toEqual(['a.snapshot', 'lib/.gitattributes', 'lib/theirs.ts']);
  expect(places.indexOf('lib/own.ts')).toBeLessThan(3);
});
