// Paths of answers stay inside their folder.
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkLinks, folderOfPath, innerPath } from '../../../extension/edit/confine.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

test.each([
  ['src/a.ts', 'src/a.ts'],
  ['./src/./a.ts', 'src/a.ts'],
  ['src\\b\\a.ts', 'src/b/a.ts'],
  ['src/x/../a.ts', 'src/a.ts'],
  ['ä ö/#1 100%.ts', 'ä ö/#1 100%.ts'],
  ['.github/workflows/ci.yml', '.github/workflows/ci.yml'],
])('%s is inside', (path, inner) => {
  expect(innerPath(path)).toBe(inner);
});

test.each([
  '../a.ts',
  'src/../../a.ts',
  '..',
  '..\\a.ts',
  '/etc/passwd',
  '\\\\server\\a',
  'C:\\a.ts',
  'c:/a',
  '~/a',
  'file:///etc/passwd',
  'vscode-remote://x/y',
])('%s leads out', path => {
  expect(() => innerPath(path)).toThrow('outside the workspace');
});

test.each(['', '.', './', 'src/', 'a\u0000b', 'a/b?', 'a\nb.ts', 'a/\u202eb', 'a./b', 'x/'.repeat(40) + 'a'])(
  '%j is no path of a file',
  path => {
    expect(() => innerPath(path)).toThrow();
  },
);

test('with several folders a path may begin with the name of one', () => {
  const names = ['app', 'lib'];
  expect(folderOfPath('lib/src/a.ts', names, 0)).toEqual({ folder: 1, inner: 'src/a.ts' });
  expect(folderOfPath('src/a.ts', names, 1)).toEqual({ folder: 1, inner: 'src/a.ts' });
  expect(folderOfPath('lib', names, 0)).toEqual({ folder: 0, inner: 'lib' });
  expect(folderOfPath('app/a.ts', ['app'], 0)).toEqual({ folder: 0, inner: 'app/a.ts' });
  expect(() => folderOfPath('lib/../../a.ts', names, 0)).toThrow('outside');
});

test('a link that leads out is found, be it the file itself or a folder on the way', async () => {
  const directory = temporaryDirectory();
  const [root, outside] = [join(directory, 'root'), join(directory, 'outside')];
  mkdirSync(join(root, 'src'), { recursive: true });
  mkdirSync(outside);
  writeFileSync(join(outside, 'a.ts'), '');
  symlinkSync(outside, join(root, 'out'));
  symlinkSync(join(outside, 'a.ts'), join(root, 'src', 'a.ts'));
  symlinkSync(join(root, 'src'), join(root, 'inner'));
  const links = {
    real: (path: string): Promise<string | undefined> => {
      try {
        return Promise.resolve(realpathSync(path));
      } catch {
        return Promise.resolve(undefined);
      }
    },
  };
  await expect(checkLinks(root, 'out/new.ts', links)).rejects.toThrow('outside');
  await expect(checkLinks(root, 'out/deep/new.ts', links)).rejects.toThrow('outside');
  await expect(checkLinks(root, 'src/a.ts', links)).rejects.toThrow('outside');
  await checkLinks(root, 'inner/new.ts', links);
  await checkLinks(root, 'src/new/deep/b.ts', links);
  await expect(checkLinks(join(directory, 'gone'), 'a.ts', links)).rejects.toThrow('outside');
});
