// Which spans of code are names of symbols, and which of them nobody would write of anything but the workspace.
import { expect, test } from 'vitest';
import { symbolOfCode } from '../../../webview/view/written_symbols.ts';

/** The name, and "?" behind it when it may be one of a library or a word. */
function said(code: string): string | undefined {
  const written = symbolOfCode(code);
  return written && `${written.symbol}${written.sure ? '' : ' ?'}`;
}

test.each([
  ['orderTotal', 'orderTotal'],
  ['orderTotal()', 'orderTotal()'],
  ['orderTotal(prices, { tax: 2 });', 'orderTotal()'],
  ['order_total', 'order_total'],
  ['OrderBook', 'OrderBook'],
  ['new OrderBook(items)', 'OrderBook()'],
  ['class OrderBook', 'OrderBook'],
  ['def order_total(prices)', 'order_total()'],
  ['Stock.takeAway', 'Stock.takeAway'],
  ['stock?.takeAway<Item>(item)', 'stock.takeAway()'],
  ['Stock::take_away()', 'Stock::take_away()'],
  ['Stock#takeAway', 'Stock#takeAway'],
  ['this.takeAway()', 'this.takeAway()'],
  ['remove()', 'remove()'],
  ['größeÄndern', 'größeÄndern'],
])('%s is %s', (code, symbol) => expect(said(code)).toBe(symbol));

test.each([
  ['stock', 'stock ?'],
  ['Stock', 'Stock ?'],
  ['add()', 'add() ?'],
  ['Stock.add', 'Stock.add ?'],
  ['MAX_ITEMS', 'MAX_ITEMS ?'],
  ['useState', 'useState ?'],
  ['setTimeout(run, 5)', 'setTimeout() ?'],
  ['JSON.stringify(x)', 'JSON.stringify()'],
  ['TypeScript', 'TypeScript ?'],
  ['uint32_t', 'uint32_t ?'],
])('%s may be anything: %s', (code, symbol) => expect(said(code)).toBe(symbol));

test.each([
  'const',
  'async',
  'None',
  'x',
  '42',
  'a + b',
  '--flag',
  'npm run build',
  'font-size',
  '"text"',
  '[1, 2]',
  'Stock.',
  '.add',
  'a => b',
  'if (x) y()',
  `${'long'.repeat(60)}()`,
])('%s is no name', code => expect(said(code)).toBeUndefined());
