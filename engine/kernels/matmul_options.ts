// What every kernel for products of rows with a weight matrix is told (matmul.ts picks among them).
export interface MatmulOptions {
  /** Rows of activations. */
  count: number;
  /** Adds to y instead of writing it. */
  accumulate?: boolean;
  /** Rows of W from this one on are multiplied with activations and weights as they are, never rounded to halves or codes; absent: none. */
  exactFrom?: number;
  /** Not rows of a batch, whose kernels are the same for any number of them; absent: one row is not. */
  few?: boolean;
}
