// Reference of repack_blocks: bytes of GGUF's packed blocks (docs/MODEL.md 3.5) copied into one array a plane, nothing decoded.
import type { WeightFormat } from '../../engine/kernels/weight_matrix.ts';

/** A plane's bytes of one block: where they start, how many, and how many the plane reserves. */
interface Piece {
  from: number;
  bytes: number;
  reserved?: number;
}

/** Codes, scales, further bits, as KERNELS.md lists them. */
const pieces: Partial<Record<WeightFormat, { bytes: number; planes: readonly Piece[] }>> = {
  F8_E4M3: {
    bytes: 132,
    planes: [
      { from: 0, bytes: 128 },
      { from: 128, bytes: 4 },
    ],
  },
  Q4_0: {
    bytes: 18,
    planes: [
      { from: 2, bytes: 16 },
      { from: 0, bytes: 2 },
    ],
  },
  Q4_1: {
    bytes: 20,
    planes: [
      { from: 4, bytes: 16 },
      { from: 0, bytes: 4 },
    ],
  },
  Q5_0: {
    bytes: 22,
    planes: [
      { from: 6, bytes: 16 },
      { from: 0, bytes: 2 },
      { from: 2, bytes: 4 },
    ],
  },
  Q5_1: {
    bytes: 24,
    planes: [
      { from: 8, bytes: 16 },
      { from: 0, bytes: 4 },
      { from: 4, bytes: 4 },
    ],
  },
  Q8_0: {
    bytes: 34,
    planes: [
      { from: 2, bytes: 32 },
      { from: 0, bytes: 2 },
    ],
  },
  IQ4_NL: {
    bytes: 18,
    planes: [
      { from: 2, bytes: 16 },
      { from: 0, bytes: 2 },
    ],
  },
  MXFP4: {
    bytes: 17,
    planes: [
      { from: 1, bytes: 16 },
      { from: 0, bytes: 1 },
    ],
  },
  Q2_K: {
    bytes: 84,
    planes: [
      { from: 16, bytes: 64 },
      { from: 0, bytes: 16 },
      { from: 80, bytes: 4 },
    ],
  },
  Q3_K: {
    bytes: 110,
    planes: [
      { from: 32, bytes: 64 },
      { from: 96, bytes: 14, reserved: 16 },
      { from: 0, bytes: 32 },
    ],
  },
  Q4_K: {
    bytes: 144,
    planes: [
      { from: 16, bytes: 128 },
      { from: 0, bytes: 16 },
    ],
  },
  Q5_K: {
    bytes: 176,
    planes: [
      { from: 48, bytes: 128 },
      { from: 0, bytes: 16 },
      { from: 16, bytes: 32 },
    ],
  },
  Q6_K: {
    bytes: 210,
    planes: [
      { from: 0, bytes: 128 },
      { from: 192, bytes: 18, reserved: 20 },
      { from: 128, bytes: 64 },
    ],
  },
  IQ4_XS: {
    bytes: 136,
    planes: [
      { from: 8, bytes: 128 },
      { from: 0, bytes: 8 },
    ],
  },
  IQ1_S: {
    bytes: 50,
    planes: [
      { from: 2, bytes: 48 },
      { from: 0, bytes: 2 },
    ],
  },
  IQ1_M: {
    bytes: 56,
    planes: [
      { from: 0, bytes: 48 },
      { from: 48, bytes: 8 },
    ],
  },
  IQ2_XXS: {
    bytes: 66,
    planes: [
      { from: 2, bytes: 64 },
      { from: 0, bytes: 2 },
    ],
  },
  IQ2_XS: {
    bytes: 74,
    planes: [
      { from: 2, bytes: 72 },
      { from: 0, bytes: 2 },
    ],
  },
  IQ2_S: {
    bytes: 82,
    planes: [
      { from: 2, bytes: 80 },
      { from: 0, bytes: 2 },
    ],
  },
  IQ3_XXS: {
    bytes: 98,
    planes: [
      { from: 2, bytes: 96 },
      { from: 0, bytes: 2 },
    ],
  },
  IQ3_S: {
    bytes: 110,
    planes: [
      { from: 2, bytes: 108 },
      { from: 0, bytes: 2 },
    ],
  },
  TQ1_0: {
    bytes: 54,
    planes: [
      { from: 0, bytes: 52 },
      { from: 52, bytes: 2 },
    ],
  },
  TQ2_0: {
    bytes: 66,
    planes: [
      { from: 0, bytes: 64 },
      { from: 64, bytes: 2 },
    ],
  },
  NVFP4: {
    bytes: 36,
    planes: [
      { from: 4, bytes: 32 },
      { from: 0, bytes: 4 },
    ],
  },
};

/** The planes of `raw`, each filled with zeros to whole words. Plain formats are one plane: themselves. */
export function repackBlocks(format: WeightFormat, raw: Uint8Array): Uint8Array<ArrayBuffer>[] {
  const layout = pieces[format];
  if (!layout) return [inWholeWords(raw.length, raw)];
  const count = raw.length / layout.bytes;
  return layout.planes.map(({ from, bytes, reserved = bytes }) => {
    const plane = inWholeWords(count * reserved);
    for (let block = 0; block < count; block++)
      for (let i = 0; i < bytes; i++)
        plane[block * reserved + i] = raw[block * layout.bytes + from + i] as number;
    return plane;
  });
}

function inWholeWords(byteLength: number, data?: Uint8Array): Uint8Array<ArrayBuffer> {
  const plane = new Uint8Array(Math.ceil(byteLength / 4) * 4);
  if (data) plane.set(data);
  return plane;
}
