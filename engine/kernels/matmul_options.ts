// What every kernel for products of rows with a weight matrix is told (matmul.ts picks among them).
/** `count` rows; accumulate adds to y instead of writing it. */
export interface MatmulOptions {
  count: number;
  accumulate?: boolean;
}
