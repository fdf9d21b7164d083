import { expect, test } from 'vitest';
import { isInside } from '../../extension/inside_folder.ts';

const links: Record<string, string> = { '/w/link': '/etc/passwd', '/w/in': '/w/src/a', '/home': '/w' };
const realOf = async (path: string): Promise<string> => links[path] ?? path;

test.each([
  ['/w/a', ['/w'], true],
  ['/w', ['/w'], true],
  ['/wide/a', ['/w'], false],
  ['/w/link', ['/w'], false],
  ['/w/in', ['/w'], true],
  ['/w/a', ['/home'], true],
  ['/x/a', ['/w', '/x/'], true],
  ['/x/a', [], false],
  ['C:\\w\\a', ['C:\\w'], true],
  ['C:\\wide', ['C:\\w'], false],
])('%s in %j: %s', async (path, folders, expected) => {
  expect(await isInside(path, folders, realOf)).toBe(expected);
});
