// Reference of quantize_blocks: 32 values to one scale and 32 codes, in double precision, from what the format can express.
import { halfToNumber } from './block.ts';

export interface QuantizedBlock {
  /** A value a half float has. */
  d: number;
  /** x is about d * q. */
  q: number[];
}

/** Q8_0 takes the scale at which the largest value just fits; Q4_0 the best of three, each fitted to the codes it gives and rounded by once more. */
export function quantizeBlock(format: 'Q8_0' | 'Q4_0', x: ArrayLike<number>): QuantizedBlock {
  const values = Array.from(x);
  const largest = values.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
  if (largest === 0) return { d: 0, q: values.map(() => 0) };
  const [least, most] = format === 'Q8_0' ? [-127, 127] : [-8, 7];
  const round = (d: number) => values.map(value => Math.min(Math.max(Math.round(value / d), least), most));
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
  // The scale that fits the codes q best is (x . q) / (q . q); it takes (x . q)^2 / (q . q) off the squared error.
  const fitted = (code: number) => {
    const q = round(largest / code);
    return { d: dot(values, q) / dot(q, q), gain: dot(values, q) ** 2 / dot(q, q) };
  };
  const best =
    format === 'Q8_0'
      ? Math.abs(largest) / 127
      : [-8.7, -8, -7.3].map(fitted).reduce((a, b) => (b.gain > a.gain ? b : a)).d;
  const d = nearestHalf(best);
  return { d, q: round(d) };
}

/** The half float next to a number of its range. */
function nearestHalf(value: number): number {
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(value))), -14);
  const unit = 2 ** (exponent - 10);
  const rounded = Math.round(value / unit) * unit;
  return Math.abs(rounded) > halfToNumber(0x7bff) ? Math.sign(value) * Infinity : rounded;
}
