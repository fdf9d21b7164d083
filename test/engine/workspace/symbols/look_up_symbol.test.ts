// Names that an answer writes: where they are defined, and which real one was meant.
import { describe, expect, test } from 'vitest';
import { lookUpSymbol } from '../../../../engine/workspace/symbols/look_up_symbol.ts';
import { indexOf } from '../../../support/symbol_index.ts';

const index = await indexOf({
  'src/stock.ts':
    'export class Stock {\n  #items: string[] = [];\n\n  add(item: string): void {\n    this.#items.push(item);\n  }\n\n  takeAway(): void {}\n}\n',
  'src/cart.ts': 'export class Cart {\n  add(item: string): void {}\n}\n',
  'src/order.ts':
    'import { Stock } from "./stock";\n\nexport function orderTotal(prices: number[]): number {\n  return lodashSum(prices);\n}\n',
  'test/order.test.ts': 'function orderTotal() {}\n',
  'src/pay.py': 'def pay_bill(amount):\n    return amount\n',
  'notes.md': '# Delivery\n\nHow it is brought.\n',
});
const lookUp = (name: string) => lookUpSymbol({ name, near: true }, index);
const placesOf = (name: string) => lookUp(name).places.map(({ path, line }) => `${path}:${line}`);

describe('a name is defined', () => {
  test.each([
    ['orderTotal', ['src/order.ts:3', 'test/order.test.ts:1']],
    ['Stock', ['src/stock.ts:1']],
    ['Stock.add', ['src/stock.ts:4']],
    ['stock.add', ['src/stock.ts:4']],
    ['Stock::add', ['src/stock.ts:4']],
    ['Stock#add', ['src/stock.ts:4']],
    ['this.takeAway', ['src/stock.ts:8']],
    ['order.orderTotal', ['src/order.ts:3', 'test/order.test.ts:1']],
    ['pay_bill', ['src/pay.py:1']],
    ['add()', ['src/stock.ts:4', 'src/cart.ts:2']],
    ['takeAway', ['src/stock.ts:8']],
    // A word that a class has a member of, another case, of something else, and a heading.
    ['add', []],
    ['ordertotal', []],
    ['Order.add', []],
    ['fs.add', []],
    ['Delivery', []],
  ])('%s at %j', (name, places) => expect(placesOf(name)).toEqual(places));
});

describe('a name that is not defined', () => {
  test.each([
    ['orderTotl', 'orderTotal'],
    ['orderTotals', 'orderTotal'],
    ['calculateOrderTotal', 'orderTotal'],
    ['Stock.takeAwy', 'Stock.takeAway'],
    ['stock.takeAwy', 'stock.takeAway'],
    ['Cart.orderTotl', 'orderTotal'],
    ['payBill', 'pay_bill'],
    ['somethingElse', undefined],
    ['fs.takeAwy', undefined],
    ['Delivry', undefined],
  ])('%s is most like %s', (name, near) => expect(lookUp(name).near).toBe(near));

  test('is a part of something that is defined elsewhere', () => {
    expect(lookUp('fs.readFile').isForeign).toBe(true);
    expect(lookUp('fs.promises.add').isForeign).toBe(true);
    expect(lookUp('Stock.readFile').isForeign).toBe(false);
    expect(lookUp('this.readFile').isForeign).toBe(false);
    expect(lookUp('readFile').isForeign).toBe(false);
  });

  test('may be written in files that hold its word in any form', () => {
    expect(lookUp('lodashSum').mentions).toEqual(['src/order.ts']);
    expect(lookUp('lodashSums').mentions).toEqual(['src/order.ts']);
    expect(lookUp('underscoreSum').mentions).toEqual([]);
  });

  test('is not compared where nobody wants to know', () => {
    expect(lookUpSymbol({ name: 'orderTotl', near: false }, index).near).toBeUndefined();
  });
});
