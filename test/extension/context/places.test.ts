import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Places, type ListedPath, type PlacesDeps } from '../../../extension/context/places.ts';

const listed = (path: string, kind: ListedPath['kind'] = 'file'): ListedPath => ({
  path,
  uri: `file:///w/${path}`,
  kind,
});
const all = [listed('a.ts'), listed('src', 'directory'), listed('src/order.ts'), listed('src/border.ts')];

function setUp(more: Partial<PlacesDeps> = {}) {
  const lists: ListedPath[][] = [];
  const places = new Places({
    listPaths: async function* () {
      lists.push(all);
      yield* all;
    },
    openFiles: () => [{ path: 'src/order.ts', uri: 'file:///w/src/order.ts' }],
    symbols: async query => [{ uri: 'file:///w/a.ts', label: `symbol ${query}` }],
    exact: async path =>
      path === '.env' ? listed('.env') : path === 'out' ? listed('out', 'directory') : undefined,
    ...more,
  });
  const labels = async (...args: Parameters<Places['find']>): Promise<string[]> =>
    (await places.find(...args)).map(({ label }) => label);
  return { places, labels, lists };
}

describe('names', () => {
  test('of files begin with those that are open, and are searched by pieces', async () => {
    const { labels } = setUp();
    expect(await labels('file', '')).toEqual(['src/order.ts', 'a.ts', 'src/border.ts']);
    expect(await labels('file', 'sord')).toEqual(['src/order.ts', 'src/border.ts']);
    expect(await labels('file', 'nothing')).toEqual([]);
    expect(await labels('folder', '')).toEqual(['src']);
    expect(await labels('symbol', ' x ')).toEqual(['symbol x']);
  });

  test('of what is ignored are found when they are written whole, and only in the workspace', async () => {
    const { places } = setUp();
    expect(await places.find('file', '.env')).toEqual([
      { uri: 'file:///w/.env', label: '.env', hint: 'ignored' },
    ]);
    expect(await places.find('folder', './out/')).toMatchObject([{ label: 'out', hint: 'ignored' }]);
    expect(await places.find('folder', '.env')).toEqual([]);
    const asked: string[] = [];
    const { labels } = setUp({ exact: async path => void asked.push(path) });
    for (const path of ['../x', '/etc/passwd', '.', 'a/../../x', 'a.ts']) await labels('file', path);
    expect(asked).toEqual([]);
  });
});

describe('the list', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('is made once for some seconds, and then anew while the older one serves', async () => {
    const { labels, lists } = setUp();
    await labels('file', '');
    await labels('file', 'a');
    expect(lists).toHaveLength(1);
    vi.advanceTimersByTime(11_000);
    await labels('file', 'a');
    expect(lists).toHaveLength(2);
  });
});
