/** Cups of each tea that are left in the shop. */
export class Stock {
  private readonly cups = new Map<string, number>();

  /** Adds cups after a delivery. */
  refill(tea: string, cups: number): void {
    this.cups.set(tea, this.available(tea) + cups);
  }

  /** How many cups of a tea are left. */
  available(tea: string): number {
    return this.cups.get(tea) ?? 0;
  }

  /** Takes cups out of the stock; false when there are too few. */
  take(tea: string, cups: number): boolean {
    const left = this.available(tea);
    if (left < cups) return false;
    this.cups.set(tea, left - cups);
    return true;
  }
}
