// Random stored weights of every format: raw blocks, their values by the reference decoder, and the matrix on the device
// with planes cut by the reference of repack_blocks.
import {
  formatFacts,
  weightFormats,
  WeightMatrix,
  type WeightFormat,
} from '../../engine/kernels/weight_matrix.ts';
import type { Matrix } from '../reference/matmul_vec.ts';
import { repackBlocks } from '../reference/repack_blocks.ts';
import { blockSize, decodeBlocks } from '../reference/weight_formats.ts';
import { isFullRun } from './full.ts';
import type { GpuFixture } from './gpu_fixture.ts';
import type { Random } from './random.ts';

/** Halves of a block and the power of two that keeps its values near 1; all other bytes may be anything. */
const halves: Partial<Record<WeightFormat, readonly { at: number; exponent: number }[]>> = {
  F16: [{ at: 0, exponent: -1 }],
  Q4_0: [{ at: 0, exponent: -3 }],
  Q4_1: [
    { at: 0, exponent: -4 },
    { at: 2, exponent: -1 },
  ],
  Q5_0: [{ at: 0, exponent: -4 }],
  Q5_1: [
    { at: 0, exponent: -5 },
    { at: 2, exponent: -1 },
  ],
  Q8_0: [{ at: 0, exponent: -7 }],
  IQ4_NL: [{ at: 0, exponent: -7 }],
  Q2_K: [
    { at: 80, exponent: -5 },
    { at: 82, exponent: -4 },
  ],
  Q3_K: [{ at: 108, exponent: -7 }],
  Q4_K: [
    { at: 0, exponent: -10 },
    { at: 2, exponent: -6 },
  ],
  Q5_K: [
    { at: 0, exponent: -11 },
    { at: 2, exponent: -6 },
  ],
  Q6_K: [{ at: 208, exponent: -12 }],
  IQ4_XS: [{ at: 0, exponent: -12 }],
  IQ1_S: [{ at: 0, exponent: -3 }],
  IQ2_XXS: [{ at: 0, exponent: -7 }],
  IQ2_XS: [{ at: 0, exponent: -7 }],
  IQ2_S: [{ at: 0, exponent: -7 }],
  IQ3_XXS: [{ at: 0, exponent: -8 }],
  IQ3_S: [{ at: 0, exponent: -8 }],
  TQ1_0: [{ at: 52, exponent: -1 }],
  TQ2_0: [{ at: 64, exponent: -1 }],
};

/** `count` blocks of random bytes whose values are near 1. */
export function randomBlocks(format: WeightFormat, count: number, random: Random): Uint8Array<ArrayBuffer> {
  const { bytes } = blockSize(format);
  if (format === 'F32') return new Uint8Array(random.uniform(count).buffer);
  const raw = random.bytes(count * bytes);
  for (let start = 0; start < raw.length; start += bytes) {
    for (const { at, exponent } of halves[format] ?? []) {
      const half = (random.int(2) << 15) | ((15 + exponent) << 10) | random.int(1024);
      raw[start + at] = half & 255;
      raw[start + at + 1] = half >> 8;
    }
    // The upper half of a float between 1/2 and 1 of either sign.
    if (format === 'BF16') raw.set([random.int(128), (random.int(2) << 7) | 0x3f], start);
    // No NaN, and a scale that keeps codes of up to 448 near 1.
    if (format === 'F8_E4M3') {
      for (let e = start; e < start + 128; e++) if (((raw[e] as number) & 127) === 127) raw[e] = 0;
      raw.set(new Uint8Array(Float32Array.of((0.5 + random.uniform(1)[0]! / 4) / 128).buffer), start + 128);
    }
    // Exponents -5 … -2 for codes up to 12.
    if (format === 'MXFP4') raw[start] = 123 + random.int(4);
    // d between 1/8 and 1/4, in the upper four bits of four halfwords.
    if (format === 'IQ1_M') {
      const half = (12 << 10) | random.int(1024);
      for (let i = 0; i < 4; i++) {
        const at = start + 49 + 2 * i;
        raw[at] = ((raw[at] as number) & 15) | (((half >> (4 * i)) & 15) << 4);
      }
    }
    // Scales of 1/16 … 1/2.
    if (format === 'NVFP4') for (let i = 0; i < 4; i++) raw[start + i] = 24 + random.int(24);
  }
  return raw;
}

/** A random matrix on the device, cut into parts that begin at the given rows, and the same as numbers. */
export function uploadMatrix(
  fixture: GpuFixture,
  random: Random,
  {
    format,
    rows,
    columns,
    partStarts = [0],
  }: { format: WeightFormat; rows: number; columns: number; partStarts?: number[] },
): { w: WeightMatrix; dense: Matrix } {
  const { bytes, elements } = blockSize(format);
  const raw = randomBlocks(format, (rows * columns) / elements, random);
  const rowBytes = (columns / elements) * bytes;
  const parts = partStarts.map((rowStart, i) => {
    const rowEnd = partStarts[i + 1] ?? rows;
    const cut = repackBlocks(format, raw.subarray(rowStart * rowBytes, rowEnd * rowBytes));
    const planes = [
      ...cut.map(atLeastFourWords),
      ...otherPlanes(format, ((rowEnd - rowStart) * columns) / elements),
    ].map((plane, p) => fixture.upload(plane, `w[${rowStart}] plane ${p}`));
    return { rowStart, rowCount: rowEnd - rowStart, planes };
  });
  const dense = { values: decodeBlocks(format, raw), rows, columns };
  return { w: new WeightMatrix(`random ${format}`, format, rows, columns, parts), dense };
}

/** Every storage format. */
const allFormats = Object.keys(weightFormats) as WeightFormat[];

/**
 * Formats whose values are products that a float holds whole. formats.test.ts compares each of them bit by bit; other kernels, which
 * read them through the same accessors, are tested with them in a full run only.
 */
export const exactFormats: ReadonlySet<WeightFormat> = new Set([
  'IQ1_S',
  'IQ1_M',
  'IQ2_XXS',
  'IQ2_XS',
  'IQ2_S',
  'IQ3_XXS',
  'IQ3_S',
  'TQ1_0',
  'TQ2_0',
  'NVFP4',
]);

/**
 * Storage formats to test with a kernel: one of one, two and three planes, since each costs a compilation. With the lanes of a
 * software device all in a full run, and where this kernel is the one that stands for its accessor function (`everyDay`).
 */
export function formatsToTest(
  { software }: { software: boolean },
  { everyDay = false }: { everyDay?: boolean } = {},
): readonly WeightFormat[] {
  if (software && isFullRun) return allFormats;
  return software && everyDay
    ? allFormats.filter(format => !exactFormats.has(format))
    : ['F32', 'Q8_0', 'Q5_1'];
}

/** Fewest columns of a matrix in this format: one unit of its accessor, one block. */
export function columnsMin(format: WeightFormat): number {
  return formatFacts(format).elements;
}

/** Planes of a matrix of so many blocks that are not cut out of them: scales that lie apart, all 1, and a table. */
export function otherPlanes(format: WeightFormat, blocks: number): Uint32Array<ArrayBuffer>[] {
  const { scalesApart, block, table } = formatFacts(format);
  return [
    ...(scalesApart && block ? [new Uint32Array(Float32Array.from({ length: blocks }, () => 1).buffer)] : []),
    ...(table ? [table] : []),
  ];
}

/** A binding of vec4 needs one whole vector. */
function atLeastFourWords(plane: Uint8Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(Math.max(4, plane.length / 4));
  new Uint8Array(words.buffer).set(plane);
  return words;
}
