import { describe, expect, test } from 'vitest';
import { PathFinder, type PathPlaces, type PlaceKind } from '../../../extension/paths/path_finder.ts';

/** One folder with these files; 'outside' stands for a link out of it. */
function places(files: Record<string, PlaceKind>, more: Partial<PathPlaces> = {}): PathPlaces {
  return {
    folders: () => [{ prefix: '', path: '/srv' }],
    kindOf: async ({ inner }) => files[inner],
    files: async () => ({ paths: Object.keys(files).filter(path => files[path] === 'file'), whole: true }),
    ...more,
  };
}
const project = {
  src: 'folder',
  'src/order.ts': 'file',
  'src/a/index.ts': 'file',
  'src/b/index.ts': 'file',
  'link.ts': 'outside',
} as const;
const near = (path: string) => ({ path, near: true });

describe('a path', () => {
  test.each([
    ['src/order.ts', { kind: 'file', name: 'src/order.ts' }],
    ['order.ts', { kind: 'file', name: 'src/order.ts' }],
    ['/srv/src/order.ts', { kind: 'file', name: 'src/order.ts' }],
    ['src/', { kind: 'folder', name: 'src' }],
    ['index.ts', { kind: 'file', count: 2 }],
    ['b/index.ts', { kind: 'file', name: 'src/b/index.ts' }],
    ['src/ordr.ts', { kind: 'missing', near: 'src/order.ts' }],
    ['src/nope/missing.ts', { kind: 'missing' }],
    ['link.ts', { kind: 'unknown' }],
    ['/etc/passwd', { kind: 'unknown' }],
    ['../order.ts', { kind: 'unknown' }],
    ['rder.ts', { kind: 'missing', near: 'src/order.ts' }],
  ])('%s is %o', async (path, view) => {
    expect(await new PathFinder(places(project)).lookUp([near(path)])).toEqual([{ path, ...view }]);
  });

  test('is no link by its end alone where that leads out of the folder', async () => {
    const listed = { paths: ['linked/inner.ts'], whole: true };
    const finder = new PathFinder(places({ 'linked/inner.ts': 'outside' }, { files: async () => listed }));
    expect(await finder.lookUp([near('inner.ts')])).toEqual([{ path: 'inner.ts', kind: 'unknown' }]);
  });

  test('is not said to be missing where not all files are known', async () => {
    const finder = new PathFinder(places(project, { files: async () => ({ paths: [], whole: false }) }));
    expect(await finder.lookUp([near('order.js')])).toEqual([{ path: 'order.js', kind: 'unknown' }]);
  });

  test('is not known where no folder is open, or the folder cannot be read', async () => {
    const none = new PathFinder(places(project, { folders: () => [] }));
    expect(await none.lookUp([near('src/order.ts')])).toEqual([{ path: 'src/order.ts', kind: 'unknown' }]);
    const fails = new PathFinder(places(project, { kindOf: () => Promise.reject(new Error('EACCES')) }));
    expect(await fails.lookUp([near('src/order.ts')])).toEqual([{ path: 'src/order.ts', kind: 'unknown' }]);
  });
});

describe('the work is bounded', () => {
  test('nearest names are looked for a few times in a message', async () => {
    const questions = Array.from({ length: 40 }, (_, index) =>
      near(`lib${index}/order.ts.bak`.replace('.bak', 'x')),
    );
    const found = await new PathFinder(places(project)).lookUp(questions);
    expect(found.every(({ kind }) => kind === 'missing')).toBe(true);
    expect(found.filter(view => view.near !== undefined)).toHaveLength(16);
  });

  test('what takes too long is not known, and later questions are answered', async () => {
    let isSlow = true;
    const slow = places(project, {
      kindOf: ({ inner }) =>
        isSlow && inner === 'src'
          ? new Promise(() => undefined)
          : places(project).kindOf({ folder: 0, inner }),
    });
    const finder = new PathFinder(slow, 5);
    expect(await finder.lookUp([near('src/order.ts'), near('src'), near('src/order.ts')])).toMatchObject([
      { kind: 'file' },
      { kind: 'unknown' },
      { kind: 'unknown' },
    ]);
    isSlow = false;
    expect(await finder.lookUp([near('src')])).toMatchObject([{ kind: 'folder' }]);
  });

  test('messages beyond those that may wait are answered at once', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>(resolve => (release = resolve));
    const finder = new PathFinder(places(project, { kindOf: async () => (await gate, 'file') }), 60_000);
    const waiting = Array.from({ length: 64 }, () => finder.lookUp([near('src/order.ts')]));
    expect(await finder.lookUp([near('src/order.ts')])).toEqual([{ path: 'src/order.ts', kind: 'unknown' }]);
    release();
    expect((await Promise.all(waiting)).every(([view]) => view?.kind === 'file')).toBe(true);
  });
});
