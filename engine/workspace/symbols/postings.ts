// An inverted index: for each term the documents that hold it, with a weight. Numbers are packed, so that millions of entries take some
// tens of megabytes. Documents that are gone are skipped, and their entries go when they are as many as the others.

/** Weights of one term in one document, at most. */
const weightMax = 255;
/** 2^53 leaves room for far more documents than memory does. */
const packing = weightMax + 1;

export class Postings {
  readonly #termIds = new Map<string, number>();
  #lists: number[][] = [];
  /** Of the document that is being made. */
  #weights: number[] = [];
  #touched: number[] = [];

  /** A number for the term, to be used with count(). */
  idOf(term: string): number {
    const known = this.#termIds.get(term);
    if (known !== undefined) return known;
    const id = this.#lists.length;
    this.#termIds.set(term, id);
    this.#lists.push([]);
    this.#weights.push(0);
    return id;
  }

  /** Adds to the weight of a term in the document that is being made. */
  count(termId: number, weight: number): void {
    const before = this.#weights[termId] as number;
    if (before === 0) this.#touched.push(termId);
    this.#weights[termId] = before + weight;
  }

  /** Ends the document. Documents come with growing numbers. Gives the sum of its weights. */
  finish(document: number): number {
    let sum = 0;
    for (const id of this.#touched) {
      const weight = Math.min(weightMax, Math.max(1, Math.round(this.#weights[id] as number)));
      sum += weight;
      (this.#lists[id] as number[]).push(document * packing + weight);
      this.#weights[id] = 0;
    }
    this.#touched = [];
    return sum;
  }

  /** How many documents hold the term, those that are gone and not yet swept included. */
  countOf(term: string): number {
    const id = this.#termIds.get(term);
    return id === undefined ? 0 : (this.#lists[id] as number[]).length;
  }

  /** Every document that holds the term, in their order. */
  each(term: string, take: (document: number, weight: number) => void): void {
    const id = this.#termIds.get(term);
    if (id === undefined) return;
    for (const entry of this.#lists[id] as number[]) take(Math.floor(entry / packing), entry % packing);
  }

  /** Documents get other numbers; those without one are forgotten. The new numbers grow with the old ones. */
  renumber(numberOf: (document: number) => number | undefined): void {
    const terms = [...this.#termIds];
    this.#termIds.clear();
    const lists: number[][] = [];
    for (const [term, id] of terms) {
      const list: number[] = [];
      for (const entry of this.#lists[id] as number[]) {
        const document = numberOf(Math.floor(entry / packing));
        if (document !== undefined) list.push(document * packing + (entry % packing));
      }
      if (list.length === 0) continue;
      this.#termIds.set(term, lists.length);
      lists.push(list);
    }
    this.#lists = lists;
    this.#weights = lists.map(() => 0);
  }
}
