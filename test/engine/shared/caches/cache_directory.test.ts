// Where caches lie, by platform and environment.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cacheDirectory } from '../../../../engine/shared/caches/cache_directory.ts';

test('caches lie in the cache folder of the user, or where HEARTH_CACHE says', () => {
  expect(cacheDirectory({ HEARTH_CACHE: '/x' }, 'linux')).toBe('/x');
  expect(cacheDirectory({ XDG_CACHE_HOME: '/c' }, 'linux')).toBe(join('/c', 'hearth'));
  expect(cacheDirectory({ LOCALAPPDATA: '/l' }, 'win32')).toBe(join('/l', 'hearth', 'cache'));
  expect(cacheDirectory({}, 'darwin')).toMatch(/Library.Caches.hearth$/);
});
