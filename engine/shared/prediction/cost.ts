// What work costs on a device: the one formula of every estimate and prediction. Pure.

/** Kinds of work, each as fast as its own kernels are. */
export const workKinds = ['products', 'experts', 'attention', 'recurrence', 'rows'] as const;

/**
 * products of rows with a matrix; products with the experts of each row; attention over keys; the delta rule, row after row; rows:
 * whatever goes over the values of rows once.
 */
export type WorkKind = (typeof workKinds)[number];

/** What one dispatch does. operations: multiplications and additions; bytes: read and written, each once. */
export interface Work {
  kind: WorkKind;
  operations: number;
  bytes: number;
}

/** How fast a device does one kind of work. */
export interface Speed {
  operationsPerMs: number;
  bytesPerMs: number;
  /** Of a dispatch, whatever it does. */
  launchMs: number;
}

/**
 * Milliseconds of `launches` dispatches that do so much together: it is either the arithmetic or the memory that the device waits for.
 * share: of the device that they keep busy, above 0 and at most 1.
 */
export function costMs(
  { operations, bytes, launches = 1 }: { operations: number; bytes: number; launches?: number },
  { operationsPerMs, bytesPerMs, launchMs }: Speed,
  share = 1,
): number {
  return launches * launchMs + Math.max(operations / operationsPerMs, bytes / bytesPerMs) / share;
}
