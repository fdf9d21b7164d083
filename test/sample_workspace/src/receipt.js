import { formatPrice } from './prices.js';

/** The receipt of an order as lines of text. */
export function receiptLines(lines, total) {
  const items = lines.map((line) => `${line.cups} x ${line.tea}`);
  return [...items, `total ${formatPrice(total)}`];
}
