/** What one cup costs, in cents. */
const prices = new Map<string, number>([
  ['green tea', 320],
  ['black tea', 290],
  ['mint tea', 270],
]);

/** The price of a tea, in cents. Throws when the shop does not sell it. */
export function priceOf(tea: string): number {
  const price = prices.get(tea);
  if (price === undefined) throw new Error(`no price for ${tea}`);
  return price;
}

/** Cents as text, for example `3.20`. */
export function formatPrice(cents: number): string {
  return (cents / 100).toFixed(2);
}
