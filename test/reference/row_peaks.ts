// Reference of row_peaks: the largest value of each slice of each row, as a key that orders like it.
import type { Numbers } from './rows.ts';

/** [count, slices]; 0 for a slice without values. */
export function rowPeaks(
  x: Numbers,
  { count, width, slices }: { count: number; width: number; slices: number },
): number[][] {
  const long = Math.ceil(width / slices);
  return Array.from({ length: count }, (_, t) =>
    Array.from({ length: slices }, (_, s) => {
      let peak = 0;
      for (let i = s * long; i < Math.min((s + 1) * long, width); i++)
        peak = Math.max(peak, keyOf(x[t * width + i] as number));
      return peak;
    }),
  );
}

/** The place of a value among all f32 in their order: both zeros at 2^31, NaN last. */
export function keyOf(value: number): number {
  if (Number.isNaN(value)) return 0xffffffff;
  const magnitude = new Uint32Array(Float32Array.of(Math.abs(value)).buffer)[0] as number;
  return value < 0 ? 0x7fffffff - magnitude : 0x80000000 + magnitude;
}
