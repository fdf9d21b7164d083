// Storage types of weights: how many elements make a block, how many bytes it takes, and its number in GGUF.
// Facts only; decoding happens in the kernels. Blocks run along the innermost dimension, rows follow each other.
import { storageTypes, type StorageType } from '../shared/architecture/storage_types.ts';

export interface BlockFormat {
  /** Number of the type in a GGUF tensor table, if it occurs in one. */
  ggufId?: number;
  /** Elements and bytes of one block; a plain number type is a block of one. */
  elements: number;
  bytes: number;
}

/** FP8 weights have one scale for this many neighbours of a row, or for a multiple of it. */
export const fp8ColumnsMultiple = 128;

export const blockFormats: Record<StorageType, BlockFormat> = {
  F32: { ggufId: 0, ...storageTypes.F32 },
  F16: { ggufId: 1, ...storageTypes.F16 },
  /** The upper 16 bits of a float32. */
  BF16: { ggufId: 30, ...storageTypes.BF16 },
  /** 1 sign, 4 exponent (bias 7), 3 fraction bits; 0x7f and 0xff are NaN; times a scale stored apart. */
  F8_E4M3: { ...storageTypes.F8_E4M3 },
  Q4_0: { ggufId: 2, ...storageTypes.Q4_0 },
  Q4_1: { ggufId: 3, ...storageTypes.Q4_1 },
  Q5_0: { ggufId: 6, ...storageTypes.Q5_0 },
  Q5_1: { ggufId: 7, ...storageTypes.Q5_1 },
  Q8_0: { ggufId: 8, ...storageTypes.Q8_0 },
  IQ4_NL: { ggufId: 20, ...storageTypes.IQ4_NL },
  MXFP4: { ggufId: 39, ...storageTypes.MXFP4 },
  Q2_K: { ggufId: 10, ...storageTypes.Q2_K },
  Q3_K: { ggufId: 11, ...storageTypes.Q3_K },
  Q4_K: { ggufId: 12, ...storageTypes.Q4_K },
  Q5_K: { ggufId: 13, ...storageTypes.Q5_K },
  Q6_K: { ggufId: 14, ...storageTypes.Q6_K },
  IQ4_XS: { ggufId: 23, ...storageTypes.IQ4_XS },
  IQ1_S: { ggufId: 19, ...storageTypes.IQ1_S },
  IQ1_M: { ggufId: 29, ...storageTypes.IQ1_M },
  IQ2_XXS: { ggufId: 16, ...storageTypes.IQ2_XXS },
  IQ2_XS: { ggufId: 17, ...storageTypes.IQ2_XS },
  IQ2_S: { ggufId: 22, ...storageTypes.IQ2_S },
  IQ3_XXS: { ggufId: 18, ...storageTypes.IQ3_XXS },
  IQ3_S: { ggufId: 21, ...storageTypes.IQ3_S },
  TQ1_0: { ggufId: 34, ...storageTypes.TQ1_0 },
  TQ2_0: { ggufId: 35, ...storageTypes.TQ2_0 },
  NVFP4: { ggufId: 40, ...storageTypes.NVFP4 },
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
