import { priceOf } from './prices';

export interface OrderLine {
  tea: string;
  cups: number;
}

/** The sum of an order, in cents. From ten cups on, every tenth cup is free. */
export function orderTotal(lines: OrderLine[]): number {
  let total = 0;
  for (const line of lines) {
    const free = Math.floor(line.cups / 10);
    total += (line.cups - free) * priceOf(line.tea);
  }
  return total;
}
