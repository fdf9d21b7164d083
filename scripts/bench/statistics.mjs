// Medians, ranges and straight lines: all the arithmetic between measured times and printed figures.

/** The middle value, or the mean of the middle two. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Smallest and largest. */
export function range(values) {
  return [Math.min(...values), Math.max(...values)];
}

/** Width of a range, as a share of the median. */
export function spread([low, high], middle) {
  return middle > 0 ? (high - low) / middle : 0;
}

/** Least squares y = a + b x, and r², the share of y's variance that the line explains. */
export function fitLine(points) {
  const count = points.length;
  const mean = pick => points.reduce((sum, point) => sum + pick(point), 0) / count;
  const [mx, my] = [mean(([x]) => x), mean(([, y]) => y)];
  const sum = pick => points.reduce((total, point) => total + pick(point), 0);
  const xx = sum(([x]) => (x - mx) ** 2);
  const xy = sum(([x, y]) => (x - mx) * (y - my));
  const yy = sum(([, y]) => (y - my) ** 2);
  const b = xx === 0 ? 0 : xy / xx;
  return { a: my - b * mx, b, r2: xx === 0 || yy === 0 ? 1 : (xy * xy) / (xx * yy) };
}
