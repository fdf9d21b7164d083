// Rows of a KV cache in plain numbers: from values to words as a cache stores them, and back.
import { kvRowWords, type KvFormat } from '../../engine/kernels/kv_cache.ts';
import type { Numbers } from '../reference/rows.ts';
import { halfToNumber } from '../reference/block.ts';

const group = 32;

/** Words of `rows` rows of `dim` values each; what fills rows up to 16 bytes is 0. */
export function packKv(format: KvFormat, rows: Numbers, dim: number): Uint32Array<ArrayBuffer> {
  const rowWords = kvRowWords(format, dim);
  const count = rows.length / dim;
  const words = new Uint32Array(count * rowWords);
  const bytes = new DataView(words.buffer);
  for (let r = 0; r < count; r++) {
    const at = r * rowWords * 4;
    const value = (i: number) => rows[r * dim + i] as number;
    if (format === 'q8')
      for (let first = 0; first < dim; first += group) {
        const inGroup = Array.from({ length: group }, (_, i) => value(first + i));
        const scale = toHalf(Math.max(...inGroup.map(Math.abs)) / 127);
        bytes.setUint16(at + dim + (first / group) * 2, scale, true);
        for (const [i, x] of inGroup.entries())
          bytes.setInt8(at + first + i, Math.max(-127, Math.min(127, Math.round(x / halfToNumber(scale)))));
      }
    else
      for (let i = 0; i < dim; i++)
        if (format === 'f16') bytes.setUint16(at + 2 * i, toHalf(value(i)), true);
        else bytes.setFloat32(at + 4 * i, value(i), true);
  }
  return words;
}

/** The values that rows of words hold. */
export function unpackKv(format: KvFormat, words: Uint32Array, dim: number): Float64Array {
  const rowWords = kvRowWords(format, dim);
  const bytes = new DataView(words.buffer, words.byteOffset);
  return Float64Array.from({ length: (words.length / rowWords) * dim }, (_, index) => {
    const i = index % dim;
    const at = Math.floor(index / dim) * rowWords * 4;
    if (format === 'f32') return bytes.getFloat32(at + 4 * i, true);
    if (format === 'f16') return halfToNumber(bytes.getUint16(at + 2 * i, true));
    return bytes.getInt8(at + i) * halfToNumber(bytes.getUint16(at + dim + Math.floor(i / group) * 2, true));
  });
}

/** The nearest half, of an even mantissa on a tie. */
function toHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(size)) return 0x7e00;
  const step = 2 ** (Math.max(-14, Math.floor(Math.log2(size))) - 10);
  const steps = size / step;
  const whole = Math.floor(steps);
  const rest = steps - whole;
  const rounded = (whole + (rest > 0.5 || (rest === 0.5 && whole % 2 === 1) ? 1 : 0)) * step;
  if (rounded > 65504) return sign | 0x7c00;
  if (rounded < 2 ** -14) return sign | (rounded / 2 ** -24);
  const exponent = Math.floor(Math.log2(rounded));
  return sign | ((exponent + 15) << 10) | ((rounded / 2 ** exponent - 1) * 1024);
}

/**
 * How far rows in 8 bits are apart: the largest difference of two codes, and whether all scales are the same. A code on a border may be
 * rounded either way, since a device multiplies by the reciprocal of the scale.
 */
export function codesApart(
  got: Uint32Array,
  want: Uint32Array,
  dim: number,
): { codes: number; sameScales: boolean } {
  const rowWords = kvRowWords('q8', dim);
  const [a, b] = [got, want].map(words => new DataView(words.buffer, words.byteOffset, words.byteLength));
  let codes = 0;
  let sameScales = got.length === want.length;
  for (let row = 0; row * rowWords < want.length; row++) {
    const at = row * rowWords * 4;
    for (let i = 0; i < dim; i++)
      codes = Math.max(codes, Math.abs((a as DataView).getInt8(at + i) - (b as DataView).getInt8(at + i)));
    for (let i = 0; i < dim / group; i++)
      sameScales &&=
        (a as DataView).getUint16(at + dim + 2 * i, true) ===
        (b as DataView).getUint16(at + dim + 2 * i, true);
  }
  return { codes, sameScales };
}
