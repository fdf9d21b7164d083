import { expect, test } from 'vitest';
import { isElsewhere, placesOf, type OpenFolder } from '../../../extension/paths/written_path.ts';

const one: OpenFolder[] = [{ prefix: '', path: '/srv/app' }];
const two: OpenFolder[] = [
  { prefix: 'app/', path: '/srv/app' },
  { prefix: 'docs/', path: '/c:/code/me/docs' },
];
const said = (written: string, folders: OpenFolder[]): string[] =>
  placesOf(written, folders).map(({ folder, inner }) => `${folder}:${inner}`);

test.each<[string, ...string[]]>([
  ['src/a.ts', '0:src/a.ts'],
  [' ./src//a.ts ', '0:src/a.ts'],
  ['src\\a.ts', '0:src/a.ts'],
  ['src/', '0:src'],
  ['/srv/app/src/a.ts', '0:src/a.ts'],
  ['file:///srv/app/src/a.ts', '0:src/a.ts'],
  ['/src/a.ts', '0:src/a.ts'],
  ['/srv/application/a.ts', '0:srv/application/a.ts'],
  ['../a.ts'],
  ['src/../../a.ts'],
  ['/srv/app/../secret'],
  ['~/a.ts'],
  ['https://example.com/a.ts'],
  ['//server/share/a.ts'],
  ['C:\\code\\me\\a.ts'],
  ['a\u0000.ts'],
  ['.'],
  ['a/'.repeat(70)],
  ['x'.repeat(2_000)],
])('with one folder, %s', (written, ...places) => {
  expect(said(written, one)).toEqual(places);
});

test.each<[string, ...string[]]>([
  ['docs/a.md', '1:a.md', '0:docs/a.md', '1:docs/a.md'],
  ['a.md', '0:a.md', '1:a.md'],
  ['C:\\code\\me\\docs\\a.md', '1:a.md'],
  ['/srv/app/a.md', '0:a.md'],
])('with two folders, %s', (written, ...places) => {
  expect(said(written, two)).toEqual(places);
});

test.each(['/etc/passwd', 'C:\\code\\me\\a.ts', '~/a.ts', '../a.ts'])('%s may be elsewhere', written => {
  expect(isElsewhere(written, one)).toBe(true);
});

test('a path that leads on from a folder is not elsewhere', () => {
  expect(isElsewhere('src/a.ts', one)).toBe(false);
});
