// Storage types of weights: how many elements make a block, how many bytes it takes, what lies where in it.
// Facts only; decoding happens in the kernels. Blocks run along the innermost dimension, rows follow each other.
import { storageTypes, type StorageType } from '../shared/architecture/storage_types.ts';

/** Where the parts of a 32-element block lie, in bytes from its start. All numbers are little-endian. */
export interface BlockLayout {
  /** The block's scale d: an IEEE half, or for MXFP4 one exponent byte e with d = 2^(e-128). */
  scale: { offset: number; encoding: 'f16' | 'e8m0' };
  /** The block's minimum m, an IEEE half: x = d*q + m. Absent: x = d*(q - bias) or d*table[q]. */
  minimumOffset?: number;
  /** A u32 whose bit e is the fifth bit of element e's code. */
  highBitsOffset?: number;
  /** The codes: 16 bytes of nibbles (e < 16: low half of byte e; else high half of byte e - 16), or 32 int8. */
  quantOffset: number;
  quantBits: 4 | 8;
  /** Subtracted from the code before scaling. */
  bias: number;
  /** Values the code selects instead of being a number itself. */
  table?: readonly number[];
}

export interface BlockFormat {
  /** Number of the type in a GGUF tensor table, if it occurs in one. */
  ggufId?: number;
  /** Elements and bytes of one block; a plain number type is a block of one. */
  elements: number;
  bytes: number;
  /** Only for the block types of 32 elements. */
  layout?: BlockLayout;
}

/** FP8 weights have one scale for this many neighbours of a row, or for a multiple of it. */
export const fp8ColumnsMultiple = 128;
/** Code book of IQ4_NL and IQ4_XS. */
export const iq4Values = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113] as const;
/** FP4 (E2M1) values, doubled; the MXFP4 scale is halved in return. */
export const fp4DoubledValues = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12] as const;

const half = (offset: number) => ({ offset, encoding: 'f16' as const });

export const blockFormats: Record<StorageType, BlockFormat> = {
  F32: { ggufId: 0, ...storageTypes.F32 },
  F16: { ggufId: 1, ...storageTypes.F16 },
  /** The upper 16 bits of a float32. */
  BF16: { ggufId: 30, ...storageTypes.BF16 },
  /** 1 sign, 4 exponent (bias 7), 3 fraction bits; 0x7f and 0xff are NaN; times a scale stored apart. */
  F8_E4M3: { ...storageTypes.F8_E4M3 },
  /** x = d * (nibble - 8) */
  Q4_0: {
    ggufId: 2,
    ...storageTypes.Q4_0,
    layout: { scale: half(0), quantOffset: 2, quantBits: 4, bias: 8 },
  },
  /** x = d * nibble + m */
  Q4_1: {
    ggufId: 3,
    ...storageTypes.Q4_1,
    layout: { scale: half(0), minimumOffset: 2, quantOffset: 4, quantBits: 4, bias: 0 },
  },
  /** x = d * (nibble + 16 * highBit - 16) */
  Q5_0: {
    ggufId: 6,
    ...storageTypes.Q5_0,
    layout: { scale: half(0), highBitsOffset: 2, quantOffset: 6, quantBits: 4, bias: 16 },
  },
  /** x = d * (nibble + 16 * highBit) + m */
  Q5_1: {
    ggufId: 7,
    ...storageTypes.Q5_1,
    layout: { scale: half(0), minimumOffset: 2, highBitsOffset: 4, quantOffset: 8, quantBits: 4, bias: 0 },
  },
  /** x = d * q, q signed bytes */
  Q8_0: {
    ggufId: 8,
    ...storageTypes.Q8_0,
    layout: { scale: half(0), quantOffset: 2, quantBits: 8, bias: 0 },
  },
  /** x = d * iq4Values[nibble] */
  IQ4_NL: {
    ggufId: 20,
    ...storageTypes.IQ4_NL,
    layout: { scale: half(0), quantOffset: 2, quantBits: 4, bias: 0, table: iq4Values },
  },
  /** x = 2^(e - 128) * fp4DoubledValues[nibble], e one byte */
  MXFP4: {
    ggufId: 39,
    ...storageTypes.MXFP4,
    layout: {
      scale: { offset: 0, encoding: 'e8m0' },
      quantOffset: 1,
      quantBits: 4,
      bias: 0,
      table: fp4DoubledValues,
    },
  },
  Q2_K: { ggufId: 10, ...storageTypes.Q2_K },
  Q3_K: { ggufId: 11, ...storageTypes.Q3_K },
  Q4_K: { ggufId: 12, ...storageTypes.Q4_K },
  Q5_K: { ggufId: 13, ...storageTypes.Q5_K },
  Q6_K: { ggufId: 14, ...storageTypes.Q6_K },
  IQ4_XS: { ggufId: 23, ...storageTypes.IQ4_XS },
};

const typesById = new Map(
  Object.entries(blockFormats).flatMap(([type, { ggufId }]) =>
    ggufId === undefined ? [] : [[ggufId, type as StorageType] as const],
  ),
);

/** The storage type with this number in a GGUF tensor table, if it is one we know. */
export function storageTypeOfGguf(ggufId: number): StorageType | undefined {
  return typesById.get(ggufId);
}

/** Product of the dimensions; a scalar (no dimensions) has one element. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** True when each row (innermost dimension) is a whole number of blocks. */
export function rowsAreWholeBlocks(type: StorageType, shape: readonly number[]): boolean {
  return (shape.at(-1) ?? 1) % blockFormats[type].elements === 0;
}

/** Bytes of a tensor whose rows are whole blocks (see rowsAreWholeBlocks). */
export function byteLength(type: StorageType, shape: readonly number[]): number {
  const format = blockFormats[type];
  return (elementCount(shape) / format.elements) * format.bytes;
}
