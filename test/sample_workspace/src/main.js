import { orderTotal } from './order.js';
import { receiptLines } from './receipt.js';
import { Stock } from './stock.js';

const stock = new Stock();
stock.refill('green tea', 40);

const order = [{ tea: 'green tea', cups: 2 }];
if (order.every((line) => stock.take(line.tea, line.cups))) {
  for (const line of receiptLines(order, orderTotal(order))) console.log(line);
}
