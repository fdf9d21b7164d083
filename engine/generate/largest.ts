// The few largest of many values, without sorting them all.

/** Indices of the `count` (at least 1) largest values, largest first, ties by lower index. A heap of `count`; values hold no NaN. */
export function largest(values: Float32Array, count: number): number[] {
  const order = (a: number, b: number) => compare(values[b] as number, values[a] as number) || a - b;
  if (count >= values.length / 4) return Array.from(values.keys()).sort(order).slice(0, count);
  // Its root is the one to beat: no other index in the heap comes later in the order.
  const heap: number[] = [];
  const down = (start: number): void => {
    let at = start;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) return;
      if (child + 1 < heap.length && order(heap[child + 1] as number, heap[child] as number) > 0) child++;
      if (order(heap[child] as number, heap[at] as number) < 0) return;
      [heap[at], heap[child]] = [heap[child] as number, heap[at] as number];
      at = child;
    }
  };
  for (let index = 0; index < count; index++) heap.push(index);
  for (let at = count >> 1; at >= 0; at--) down(at);
  for (let index = count; index < values.length; index++) {
    // A tie stays with the lower index, which is already there.
    if ((values[index] as number) <= (values[heap[0] as number] as number)) continue;
    heap[0] = index;
    down(0);
  }
  return heap.sort(order);
}

/** Also right for infinities, whose difference is NaN. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
