// Reference decoder of every storage type, from GGUF's raw blocks to numbers (docs/MODEL.md 3.5), one function a type.
// Types of less than four bits with a grid, ternary ones and NVFP4 are in low_bit_formats.ts.
import type { WeightFormat } from '../../engine/kernels/weight_matrix.ts';
import { Block, type Decode } from './block.ts';
import { lowBitFormats } from './low_bit_formats.ts';

const iq4 = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];
const fp4Doubled = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

const formats: Record<WeightFormat, { elements: number; bytes: number; decode: Decode }> = {
  F32: { elements: 1, bytes: 4, decode: (b, put) => put(0, floatOfBits(b.u32(0))) },
  F16: { elements: 1, bytes: 2, decode: (b, put) => put(0, b.half(0)) },
  BF16: { elements: 1, bytes: 2, decode: (b, put) => put(0, floatOfBits(b.u16(0) * 65536)) },
  F8_E4M3: { elements: 128, bytes: 132, decode: decodeE4m3 },
  Q4_0: each32(18, (b, e) => b.half(0) * (b.nibble(2, e) - 8)),
  Q4_1: each32(20, (b, e) => b.half(0) * b.nibble(4, e) + b.half(2)),
  Q5_0: each32(22, (b, e) => b.half(0) * (b.nibble(6, e) + 16 * bit(b.u32(2), e) - 16)),
  Q5_1: each32(24, (b, e) => b.half(0) * (b.nibble(8, e) + 16 * bit(b.u32(4), e)) + b.half(2)),
  Q8_0: each32(34, (b, e) => b.half(0) * b.i8(2 + e)),
  IQ4_NL: each32(18, (b, e) => b.half(0) * (iq4[b.nibble(2, e)] as number)),
  MXFP4: each32(17, (b, e) => 2 ** (b.u8(0) - 128) * (fp4Doubled[b.nibble(1, e)] as number)),
  Q2_K: { elements: 256, bytes: 84, decode: decodeQ2K },
  Q3_K: { elements: 256, bytes: 110, decode: decodeQ3K },
  Q4_K: { elements: 256, bytes: 144, decode: decodeQ4K },
  Q5_K: { elements: 256, bytes: 176, decode: decodeQ5K },
  Q6_K: { elements: 256, bytes: 210, decode: decodeQ6K },
  IQ4_XS: { elements: 256, bytes: 136, decode: decodeIq4Xs },
  ...lowBitFormats,
};

/** All values of whole blocks, in order. */
export function decodeBlocks(format: WeightFormat, raw: Uint8Array): Float64Array {
  const { elements, bytes, decode } = formats[format];
  const count = raw.length / bytes;
  const values = new Float64Array(count * elements);
  for (let i = 0; i < count; i++)
    decode(new Block(raw, i * bytes), (e, value) => (values[i * elements + e] = value));
  return values;
}

/** Bytes and elements of one block as the table of docs/MODEL.md 3.5 says. */
export function blockSize(format: WeightFormat): { bytes: number; elements: number } {
  return formats[format];
}

function each32(bytes: number, value: (b: Block, e: number) => number) {
  const decode: Decode = (b, put) => {
    for (let e = 0; e < 32; e++) put(e, value(b, e));
  };
  return { elements: 32, bytes, decode };
}

/** 128 codes @0, then their scale as a float, as a checkpoint's rows and scales are laid out on the device. */
function decodeE4m3(b: Block, put: (e: number, value: number) => void): void {
  for (let e = 0; e < 128; e++) put(e, floatOfBits(b.u32(128)) * e4m3ToNumber(b.u8(e)));
}

/** scales[16] @0, 2-bit codes qs[64] @16, d @80, dmin @82; 16 elements share a nibble pair (scale, minimum). */
function decodeQ2K(b: Block, put: (e: number, value: number) => void): void {
  for (let e = 0; e < 256; e++) {
    const scale = b.u8(Math.floor(e / 16));
    const q = (b.u8(16 + 32 * Math.floor(e / 128) + (e % 32)) >> (2 * (Math.floor(e / 32) % 4))) & 3;
    put(e, b.half(80) * (scale & 15) * q - b.half(82) * (scale >> 4));
  }
}

/** hmask[32] @0, 2-bit codes qs[64] @32, scales[12] @96, d @108; 16 elements share a 6-bit scale. */
function decodeQ3K(b: Block, put: (e: number, value: number) => void): void {
  for (let e = 0; e < 256; e++) {
    const s = Math.floor(e / 16);
    const low = s < 8 ? b.u8(96 + s) & 15 : b.u8(96 + s - 8) >> 4;
    const high = (b.u8(104 + (s % 4)) >> (2 * Math.floor(s / 4))) & 3;
    const q = (b.u8(32 + 32 * Math.floor(e / 128) + (e % 32)) >> (2 * (Math.floor(e / 32) % 4))) & 3;
    const hasHigh = (b.u8(e % 32) >> Math.floor(e / 32)) & 1;
    put(e, b.half(108) * (low + 16 * high - 32) * (q - (hasHigh ? 0 : 4)));
  }
}

/** d @0, dmin @2, scales[12] @4, nibbles qs[128] @16. */
function decodeQ4K(b: Block, put: (e: number, value: number) => void): void {
  for (let e = 0; e < 256; e++) {
    const j = Math.floor(e / 32);
    const { scale, minimum } = sixBits(b, j);
    put(e, b.half(0) * scale * kNibble(b, 16, e) - b.half(2) * minimum);
  }
}

/** d @0, dmin @2, scales[12] @4, fifth bits qh[32] @16, nibbles qs[128] @48. */
function decodeQ5K(b: Block, put: (e: number, value: number) => void): void {
  for (let e = 0; e < 256; e++) {
    const j = Math.floor(e / 32);
    const { scale, minimum } = sixBits(b, j);
    const q = kNibble(b, 48, e) + 16 * bit(b.u8(16 + (e % 32)), j);
    put(e, b.half(0) * scale * q - b.half(2) * minimum);
  }
}

/** ql[128] @0, qh[64] @128, int8 sc[16] @192, d @208: two halves of 128 elements, four runs of 32 in each. */
function decodeQ6K(b: Block, put: (e: number, value: number) => void): void {
  for (let n = 0; n < 2; n++)
    for (let l = 0; l < 32; l++) {
      const near = b.u8(64 * n + l);
      const far = b.u8(64 * n + 32 + l);
      const high = b.u8(128 + 32 * n + l);
      const codes = [
        (near & 15) + 16 * (high & 3),
        (far & 15) + 16 * ((high >> 2) & 3),
        (near >> 4) + 16 * ((high >> 4) & 3),
        (far >> 4) + 16 * ((high >> 6) & 3),
      ];
      for (const [run, q] of codes.entries()) {
        const e = 128 * n + 32 * run + l;
        put(e, b.half(208) * b.i8(192 + Math.floor(e / 16)) * (q - 32));
      }
    }
}

/** d @0, scales_h @2, scales_l[4] @4, qs[128] @8. */
function decodeIq4Xs(b: Block, put: (e: number, value: number) => void): void {
  for (let e = 0; e < 256; e++) {
    const j = Math.floor(e / 32);
    const low = (b.u8(4 + Math.floor(j / 2)) >> (4 * (j % 2))) & 15;
    const high = (b.u16(2) >> (2 * j)) & 3;
    put(e, b.half(0) * (low + 16 * high - 32) * (iq4[b.nibble(8 + 16 * j, e % 32)] as number));
  }
}

/** 6-bit scale and minimum of sub-block j of Q4_K and Q5_K, packed in 12 bytes @4. */
function sixBits(b: Block, j: number): { scale: number; minimum: number } {
  const s = (i: number) => b.u8(4 + i);
  if (j < 4) return { scale: s(j) & 63, minimum: s(j + 4) & 63 };
  return {
    scale: (s(j + 4) & 15) + 16 * (s(j - 4) >> 6),
    minimum: (s(j + 4) >> 4) + 16 * (s(j) >> 6),
  };
}

/** Code of element e: sub-blocks of 32 in pairs, the even one in the low halves of the pair's 32 bytes. */
function kNibble(b: Block, at: number, e: number): number {
  const j = Math.floor(e / 32);
  const byte = b.u8(at + 32 * Math.floor(j / 2) + (e % 32));
  return j % 2 === 0 ? byte & 15 : byte >> 4;
}

function bit(word: number, i: number): number {
  return (word >>> i) & 1;
}

function floatOfBits(bits: number): number {
  return new Float32Array(new Uint32Array([bits]).buffer)[0] as number;
}

/** FP8: 1 sign bit, 4 exponent bits (bias 7), 3 fraction bits; the largest exponent counts like any other, except for NaN. */
export function e4m3ToNumber(code: number): number {
  const sign = code >> 7 ? -1 : 1;
  const exponent = (code >> 3) & 15;
  const fraction = (code & 7) / 8;
  if ((code & 127) === 127) return NaN;
  return exponent === 0 ? sign * fraction * 2 ** -6 : sign * (1 + fraction) * 2 ** (exponent - 7);
}
