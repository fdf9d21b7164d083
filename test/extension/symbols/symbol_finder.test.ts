// What the page is told of names that an answer writes.
import { describe, expect, test } from 'vitest';
import type { FoundSymbol } from '../../../engine/protocol/workspace.ts';
import { SymbolFinder } from '../../../extension/symbols/symbol_finder.ts';

const place = (path: string, line: number) => ({ path, uri: `file:///${path}`, line });
const known: Record<string, Omit<FoundSymbol, 'name'>> = {
  orderTotal: { kind: 'defined', places: [place('src/order.ts', 3)] },
  'add()': { kind: 'defined', places: [place('src/stock.ts', 4), place('src/cart.ts', 2)] },
  lodashSum: { kind: 'written', places: [] },
  'fs.readFile': { kind: 'unknown', places: [] },
  orderTotl: { kind: 'missing', places: [], near: 'orderTotal' },
  'Stock.takeAwy()': { kind: 'missing', places: [], near: 'Stock.takeAway' },
};
/** An engine that runs, and knows the workspace. */
function finder({ state = 'ready', isKnown = true, fails = false } = {}): SymbolFinder {
  const client = {
    lookUpSymbols: ({ symbols }: { symbols: { name: string }[] }) =>
      fails
        ? Promise.reject(new Error('it ended'))
        : Promise.resolve(
            symbols.map(({ name }): FoundSymbol => ({ ...(known[name] as FoundSymbol), name })),
          ),
  };
  return new SymbolFinder({
    engine: {
      state: { kind: state as 'ready' | 'stopped' },
      whenReady: () => Promise.resolve({ client, process: 1 }),
    },
    workspace: { knownTo: () => (isKnown ? 'w' : undefined) },
  });
}
const ask = (name: string, near = true) => [{ name, near }];
const around = (texts: string[] = [], useWorkspace = true) => ({ texts, useWorkspace });

test.each([
  ['orderTotal', { kind: 'defined', place: { path: 'src/order.ts', line: 3 } }],
  ['add()', { kind: 'defined', count: 2 }],
  ['lodashSum', { kind: 'unknown' }],
  ['fs.readFile', { kind: 'unknown' }],
  ['orderTotl', { kind: 'missing', near: 'orderTotal' }],
])('%s is %o', async (name, view) => {
  expect(await finder().lookUp(ask(name), around())).toEqual([{ name, ...view }]);
});

describe('nothing is said of a name that is missing', () => {
  const unknown = [{ name: 'Stock.takeAwy()', kind: 'unknown' }];
  test.each([
    ['that may be anything', ask('Stock.takeAwy()', false), around()],
    ['in an answer that is not about the workspace', ask('Stock.takeAwy()'), around([], false)],
    [
      'that stands in the question or in code of an answer',
      ask('Stock.takeAwy()'),
      around(['add takeAwy to it']),
    ],
  ])('%s', async (_, questions, stands) => {
    expect(await finder().lookUp(questions, stands)).toEqual(unknown);
  });
});

test('nothing is known while no engine runs, of a workspace that it does not know, and when it fails', async () => {
  const unknown = [{ name: 'orderTotal', kind: 'unknown' }];
  for (const options of [{ state: 'stopped' }, { isKnown: false }, { fails: true }])
    expect(await finder(options).lookUp(ask('orderTotal'), around())).toEqual(unknown);
});

test('the places of a name are those that the engine knows now', async () => {
  expect(await finder().placesOf('add()')).toEqual([place('src/stock.ts', 4), place('src/cart.ts', 2)]);
  expect(await finder({ state: 'stopped' }).placesOf('add()')).toEqual([]);
});
