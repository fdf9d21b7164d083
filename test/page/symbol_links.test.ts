// Symbols in answers: which of them are asked for and when, how they look, and what a click on one says.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PathView, SymbolQuestion, SymbolView } from '../../webview/protocol.ts';
import { openPanel, type PanelPage } from '../support/page.ts';
import { answer, panelState, question } from '../support/panel_states.ts';

let panel: PanelPage;
beforeEach(async () => {
  panel = await openPanel();
});
afterEach(async () => {
  await panel.close();
});

const show = (text: string, change: Parameters<typeof answer>[0] = {}): Promise<void> =>
  panel.send({ type: 'snapshot', state: panelState({ turns: [question(), answer({ text, ...change })] }) });

/** All symbols asked for so far, once there are so many. */
async function asked(count: number): Promise<SymbolQuestion[]> {
  const all = async (): Promise<SymbolQuestion[]> =>
    (await panel.postedOf('findSymbols')).flatMap(message => message.symbols);
  await expect.poll(async () => (await all()).length).toBe(count);
  return all();
}

const found = (...views: SymbolView[]): Promise<void> =>
  panel.send({ type: 'symbols', turnId: 'a1', found: views });
const foundPaths = (...views: PathView[]): Promise<void> => panel.send({ type: 'paths', found: views });
const defined = (name: string, path: string, line: number): SymbolView => ({
  name,
  kind: 'defined',
  place: { path, line },
});
const links = () => panel.page.locator('.answer [role="link"]');
const missing = () => panel.page.locator('.answer .place[data-kind="missing"]');

test('a span that names a symbol is a link to its definition, by mouse and by keyboard', async () => {
  await show('`orderTotal` calls `Stock.add(item)`, `add()` and `const`; orderTotal in prose is a word.');
  expect(await asked(3)).toEqual([
    { name: 'orderTotal', near: true },
    { name: 'Stock.add()', near: false },
    { name: 'add()', near: false },
  ]);
  expect(await links().count()).toBe(0);
  await found(defined('orderTotal', 'src/order.ts', 3), defined('Stock.add()', 'src/stock.ts', 4), {
    name: 'add()',
    kind: 'defined',
    count: 2,
  });
  expect(await links().allInnerTexts()).toEqual(['orderTotal', 'Stock.add(item)', 'add()']);
  expect(await links().first().getAttribute('title')).toBe('Open src/order.ts at line 3');
  expect(await links().last().getAttribute('title')).toBe('Choose among 2 definitions of add()');
  for (const link of await links().all()) await link.click();
  await links().first().press('Enter');
  expect((await panel.postedOf('openSymbol')).map(({ name }) => name)).toEqual([
    'orderTotal',
    'Stock.add()',
    'add()',
    'orderTotal',
  ]);
  expect(await panel.postedOf('openPath')).toEqual([]);
});

test('a name that is nowhere is marked where the answer is about the workspace, with the nearest to open instead', async () => {
  await show('In `src/order.ts`, `orderTotl` adds `useState` up.');
  await asked(2);
  await found(
    { name: 'orderTotl', kind: 'missing', near: 'orderTotal' },
    { name: 'useState', kind: 'missing' },
  );
  // Nothing yet says that the answer is about the workspace.
  expect(await missing().count()).toBe(0);
  await foundPaths({ path: 'src/order.ts', kind: 'file', name: 'src/order.ts' });
  expect(await missing().allTextContents()).toEqual(['orderTotl (not in the workspace)']);
  expect(await missing().getAttribute('title')).toContain('Did the model mean orderTotal?');
  await panel.page.getByRole('link', { name: 'Did the model mean orderTotal?' }).press('Enter');
  expect(await panel.postedOf('openSymbol')).toEqual([{ type: 'openSymbol', name: 'orderTotal' }]);
  await missing().click();
  expect(await panel.postedOf('openSymbol')).toHaveLength(1);
});

test('another symbol that exists also says that the answer is about the workspace', async () => {
  await show('`orderTotal` calls `reconcileLedgers()`.');
  await asked(2);
  await found(defined('orderTotal', 'src/order.ts', 3), { name: 'reconcileLedgers()', kind: 'missing' });
  expect(await missing().allTextContents()).toEqual(['reconcileLedgers() (not in the workspace)']);
  expect(await missing().getAttribute('title')).toBe('There is no such name in the workspace.');
});

test('code is left alone, and so are questions', async () => {
  await panel.send({
    type: 'snapshot',
    state: panelState({
      turns: [
        question({ text: 'What is `askedName`?' }),
        answer({ text: '```ts\ncodeName();\n```\n\n`spanName`' }),
      ],
    }),
  });
  expect(await asked(1)).toEqual([{ name: 'spanName', near: true }]);
});

test('while an answer grows its symbols wait for its end, each is asked for once', async () => {
  const text = 'First `orderTotal`.\n\nThen `orderTotal` and `stockLevel`.\n\nIn src/a.ts.\n\nEnd';
  await show('', { status: 'streaming' });
  await panel.stream([...text].map(piece => ({ type: 'delta', turnId: 'a1', text: piece })));
  await expect.poll(async () => (await panel.postedOf('findPaths')).length).toBe(1);
  expect(await panel.postedOf('findSymbols')).toEqual([]);
  await panel.send({ type: 'turn', turn: answer({ text }) });
  expect((await asked(2)).map(({ name }) => name)).toEqual(['orderTotal', 'stockLevel']);
  await found(defined('orderTotal', 'src/order.ts', 3), { name: 'stockLevel', kind: 'unknown' });
  expect(await links().allInnerTexts()).toEqual(['orderTotal', 'orderTotal']);
});

test('files that changed have symbols asked for again', async () => {
  await show('`orderTotal` and `stockLevel`.');
  await asked(2);
  await found(defined('orderTotal', 'src/order.ts', 3), {
    name: 'stockLevel',
    kind: 'missing',
    near: 'stockLevels',
  });
  expect(await missing().count()).toBe(1);
  await panel.send({ type: 'pathsChanged' });
  await asked(4);
  await found(defined('stockLevel', 'src/stock.ts', 9), { name: 'orderTotal', kind: 'unknown' });
  expect(await missing().count()).toBe(0);
  expect(await panel.page.locator('.answer .place-near').count()).toBe(0);
  expect(await links().allInnerTexts()).toEqual(['stockLevel']);
});

test('an answer has the host look up a bounded number of symbols, in messages of a bounded size', async () => {
  await show(Array.from({ length: 300 }, (_, index) => `\`someName${index}\``).join('\n\n'));
  await asked(150);
  const sizes = (await panel.postedOf('findSymbols')).map(message => message.symbols.length);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(64);
});
