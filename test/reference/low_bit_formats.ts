// Reference decoders of the types with a grid (IQ1, IQ2, IQ3), the ternary ones and NVFP4 (docs/MODEL.md 3.5), one function a type.
// The grids are facts of the format; the stored blocks hold every entry of each.
import {
  iq1Grid,
  iq2SGrid,
  iq2XsGrid,
  iq2XxsGrid,
  iq3SGrid,
  iq3XxsGrid,
} from '../../engine/kernels/formats/grids.ts';
import { halfToNumber, type Decode } from './block.ts';

/** Value i of entry `code` of a grid whose values' numbers take so many bits. */
function gridOf(text: string, bits: 2 | 4, perEntry: number, values: readonly number[]) {
  const digits = text.replace(/\s/g, '');
  return (code: number, i: number): number => {
    const bit = (code * perEntry + i) * bits;
    const byte = parseInt(digits.slice(2 * Math.floor(bit / 8), 2 * Math.floor(bit / 8) + 2), 16);
    return values[(byte >> (bit % 8)) & (bits === 2 ? 3 : 15)] as number;
  };
}

const iq1 = gridOf(iq1Grid, 2, 8, [-1, 0, 1]);
const iq2Xxs = gridOf(iq2XxsGrid, 2, 8, [8, 25, 43]);
const iq2Xs = gridOf(iq2XsGrid, 2, 8, [8, 25, 43]);
const iq2S = gridOf(iq2SGrid, 2, 8, [8, 25, 43]);
const iq3Xxs = gridOf(iq3XxsGrid, 4, 4, [4, 12, 20, 28, 36, 44, 52, 62]);
const iq3S = gridOf(iq3SGrid, 4, 4, [1, 3, 5, 7, 9, 11, 13, 15]);

/** Signs of eight values by seven bits: the last makes the number of negative ones even. */
function evenSign(bits: number, i: number): 1 | -1 {
  if (i < 7) return (bits >> i) & 1 ? -1 : 1;
  let product: 1 | -1 = 1;
  for (let k = 0; k < 7; k++) if ((bits >> k) & 1) product = product === 1 ? -1 : 1;
  return product;
}

function of256(bytes: number, decode: Decode) {
  return { elements: 256, bytes, decode };
}

export const lowBitFormats = {
  // d @0, then a sub-block of 32: four codes, u32 of four times 7 signs and a scale of 4 bits.
  IQ2_XXS: of256(66, (b, put) => {
    for (let e = 0; e < 256; e++) {
      const j = Math.floor(e / 32);
      const group = Math.floor(e / 8) % 4;
      const word = b.u32(2 + 8 * j + 4);
      const value = iq2Xxs(b.u8(2 + 8 * j + group), e % 8) * evenSign((word >>> (7 * group)) & 127, e % 8);
      put(e, ((b.half(0) * (0.5 + (word >>> 28))) / 4) * value);
    }
  }),
  // d @0, u16 codes and signs @2, scales[8] @66.
  IQ2_XS: of256(74, (b, put) => {
    for (let e = 0; e < 256; e++) {
      const word = b.u16(2 + 2 * Math.floor(e / 8));
      const s = (b.u8(66 + Math.floor(e / 32)) >> (4 * (Math.floor(e / 16) % 2))) & 15;
      put(e, ((b.half(0) * (0.5 + s)) / 4) * iq2Xs(word & 511, e % 8) * evenSign(word >> 9, e % 8));
    }
  }),
  // d @0, codes[32] @2, signs[32] @34, upper bits[8] @66, scales[8] @74.
  IQ2_S: of256(82, (b, put) => {
    for (let e = 0; e < 256; e++) {
      const group = Math.floor(e / 8);
      const j = Math.floor(e / 32);
      const code = b.u8(2 + group) + 256 * ((b.u8(66 + j) >> (2 * (group % 4))) & 3);
      const s = (b.u8(74 + j) >> (4 * (Math.floor(e / 16) % 2))) & 15;
      const sign = (b.u8(34 + group) >> (e % 8)) & 1 ? -1 : 1;
      put(e, ((b.half(0) * (0.5 + s)) / 4) * iq2S(code, e % 8) * sign);
    }
  }),
  // d @0, codes[64] @2, u32[8] @66 of four times 7 signs and a scale of 4 bits.
  IQ3_XXS: of256(98, (b, put) => {
    for (let e = 0; e < 256; e++) {
      const word = b.u32(66 + 4 * Math.floor(e / 32));
      const sign = evenSign((word >>> (7 * (Math.floor(e / 8) % 4))) & 127, e % 8);
      put(e, ((b.half(0) * (0.5 + (word >>> 28))) / 2) * iq3Xxs(b.u8(2 + Math.floor(e / 4)), e % 4) * sign);
    }
  }),
  // d @0, codes[64] @2, ninth bits[8] @66, signs[32] @74, scales[4] @106.
  IQ3_S: of256(110, (b, put) => {
    for (let e = 0; e < 256; e++) {
      const quad = Math.floor(e / 4);
      const j = Math.floor(e / 32);
      const code = b.u8(2 + quad) + 256 * ((b.u8(66 + j) >> (quad % 8)) & 1);
      const s = (b.u8(106 + Math.floor(j / 2)) >> (4 * (j % 2))) & 15;
      const sign = (b.u8(74 + Math.floor(e / 8)) >> (e % 8)) & 1 ? -1 : 1;
      put(e, b.half(0) * (1 + 2 * s) * iq3S(code, e % 4) * sign);
    }
  }),
  // d @0, codes[32] @2, u16[8] @34: upper bits of four codes, a scale of 3 bits, the shift's sign.
  IQ1_S: of256(50, (b, put) => {
    for (let e = 0; e < 256; e++) {
      const group = Math.floor(e / 8);
      const high = b.u16(34 + 2 * Math.floor(e / 32));
      const code = b.u8(2 + group) + 256 * ((high >> (3 * (group % 4))) & 7);
      const shift = high >> 15 ? -1 / 8 : 1 / 8;
      put(e, b.half(0) * (2 * ((high >> 12) & 7) + 1) * (iq1(code, e % 8) + shift));
    }
  }),
  // codes[32] @0, nibbles[16] @32: upper bits of a code and the shift's sign; u16[4] @48: four scales of 3 bits, a quarter of d.
  IQ1_M: of256(56, (b, put) => {
    const d = halfToNumber(
      [0, 1, 2, 3].reduce((bits, i) => bits | ((b.u16(48 + 2 * i) >> 12) << (4 * i)), 0),
    );
    for (let e = 0; e < 256; e++) {
      const group = Math.floor(e / 8);
      const high = (b.u8(32 + Math.floor(group / 2)) >> (4 * (group % 2))) & 15;
      const part = Math.floor(e / 16);
      const s = (b.u16(48 + 2 * Math.floor(part / 4)) >> (3 * (part % 4))) & 7;
      put(e, d * (2 * s + 1) * (iq1(b.u8(group) + 256 * (high & 7), e % 8) + (high >> 3 ? -1 / 8 : 1 / 8)));
    }
  }),
  // Digits to the base of 3: five a byte in 32 @0 and 16 @32, four a byte in 4 @48; d @52.
  TQ1_0: of256(54, (b, put) => {
    let e = 0;
    for (const [at, bytes, digits] of [
      [0, 32, 5],
      [32, 16, 5],
      [48, 4, 4],
    ] as const)
      for (let n = 0; n < digits; n++)
        for (let i = 0; i < bytes; i++) {
          const rest = (b.u8(at + i) * 3 ** n) % 256;
          put(e++, b.half(52) * (Math.floor((rest * 3) / 256) - 1));
        }
  }),
  // 2-bit codes[64] @0, d @64.
  TQ2_0: of256(66, (b, put) => {
    for (let e = 0; e < 256; e++) {
      const q = (b.u8(32 * Math.floor(e / 128) + (e % 32)) >> (2 * (Math.floor(e / 32) % 4))) & 3;
      put(e, b.half(64) * (q - 1));
    }
  }),
  // e4m3 scales[4] @0, nibbles[32] @4, eight bytes a sub-block.
  NVFP4: {
    elements: 64,
    bytes: 36,
    decode: ((b, put) => {
      for (let e = 0; e < 64; e++) {
        const sub = Math.floor(e / 16);
        const byte = b.u8(4 + 8 * sub + (e % 8));
        const q = e % 16 < 8 ? byte & 15 : byte >> 4;
        put(e, (unsignedE4m3(b.u8(sub)) / 2) * (fp4Doubled[q & 7] as number) * (q & 8 ? -1 : 1));
      }
    }) satisfies Decode,
  },
};

const fp4Doubled = [0, 1, 2, 3, 4, 6, 8, 12];

/** FP8 without a sign and infinity; 127 counts as zero. */
function unsignedE4m3(code: number): number {
  if (code === 127) return 0;
  const exponent = (code >> 3) & 15;
  const fraction = (code & 7) / 8;
  return exponent === 0 ? fraction * 2 ** -6 : (1 + fraction) * 2 ** (exponent - 7);
}
