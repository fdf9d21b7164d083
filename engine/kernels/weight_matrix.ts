// A weight matrix on the device in its stored precision, and the WGSL accessor that reads it.
// Large matrices are split by rows into parts that each fit a storage binding.
import { fp8ColumnsMultiple } from '../checkpoint/quant.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import bf16 from './formats/bf16.wgsl';
import eightQuads from './formats/eight_quads.wgsl';
import f16 from './formats/f16.wgsl';
import f32 from './formats/f32.wgsl';
import f8_e4m3 from './formats/f8_e4m3.wgsl';
import grid from './formats/grid.wgsl';
import { gridTables } from './formats/grid_table.ts';
import halfScale from './formats/half_scale.wgsl';
import iq1_m from './formats/iq1_m.wgsl';
import iq1_s from './formats/iq1_s.wgsl';
import iq2_s from './formats/iq2_s.wgsl';
import iq2_xs from './formats/iq2_xs.wgsl';
import iq2_xxs from './formats/iq2_xxs.wgsl';
import iq3_s from './formats/iq3_s.wgsl';
import iq3_xxs from './formats/iq3_xxs.wgsl';
import iq4_nl from './formats/iq4_nl.wgsl';
import iq4_xs from './formats/iq4_xs.wgsl';
import mxfp4 from './formats/mxfp4.wgsl';
import nvfp4 from './formats/nvfp4.wgsl';
import q2_k from './formats/q2_k.wgsl';
import q3_k from './formats/q3_k.wgsl';
import q4_0 from './formats/q4_0.wgsl';
import q4_1 from './formats/q4_1.wgsl';
import q4_k from './formats/q4_k.wgsl';
import q5_0 from './formats/q5_0.wgsl';
import q5_1 from './formats/q5_1.wgsl';
import q5_k from './formats/q5_k.wgsl';
import q6_k from './formats/q6_k.wgsl';
import q8_0 from './formats/q8_0.wgsl';
import tq1_0 from './formats/tq1_0.wgsl';
import tq2_0 from './formats/tq2_0.wgsl';

export type WeightFormat = keyof typeof weightFormats;

/** Where the planes of a packed GGUF block come from, in bytes from its start (docs/MODEL.md 3.5). */
export interface PackedBlock {
  bytes: number;
  codesAt: number;
  scaleAt: number;
  /** Plane 2, when the format has one. */
  highAt?: number;
}

export interface FormatFacts {
  /** Defines UNIT, weight_unit(unit) -> array<vec4f, UNIT / 4>, weight_scale(quad) and weight_quad(quad, scale) -> vec4f; bindings 0 … 2 are its planes. */
  accessor: string;
  /** Elements weight_unit reads. */
  unit: number;
  /** Elements of one block; the row length is a multiple of it. */
  elements: number;
  /** Bytes of each plane per block: codes or values, scales, further bits. */
  planeBytes: readonly number[];
  /** Absent for plain formats. */
  block?: PackedBlock;
  /** The last of planeBytes is an f32 a block that a file keeps apart from the rows. */
  scalesApart?: boolean;
  /** What codes are looked up in: a plane behind the others, the same for every matrix. */
  table?: Uint32Array<ArrayBuffer>;
}

const plain = (accessor: string, bytes: number): FormatFacts => ({
  accessor,
  unit: 16,
  elements: 16,
  planeBytes: [bytes],
});
const packed = (
  accessor: string,
  elements: number,
  planeBytes: readonly number[],
  block: PackedBlock,
): FormatFacts => ({
  accessor,
  unit: 32,
  elements,
  planeBytes,
  block,
});

/** Blocks of 256 whose codes of 4 or 8 values are looked up in a grid. */
const gridded = (
  accessor: string,
  planeBytes: readonly number[],
  block: PackedBlock,
  table: Uint32Array<ArrayBuffer>,
): FormatFacts => ({ ...packed(accessor + eightQuads + grid, 256, planeBytes, block), table });

export const weightFormats = {
  F32: plain(f32, 64),
  F16: plain(f16, 32),
  BF16: plain(bf16, 32),
  F8_E4M3: {
    accessor: f8_e4m3,
    unit: 32,
    elements: fp8ColumnsMultiple,
    planeBytes: [fp8ColumnsMultiple, 4],
    scalesApart: true,
  },
  Q8_0: packed(q8_0, 32, [32, 2], { bytes: 34, scaleAt: 0, codesAt: 2 }),
  Q4_0: packed(q4_0, 32, [16, 2], { bytes: 18, scaleAt: 0, codesAt: 2 }),
  Q4_1: packed(q4_1, 32, [16, 4], { bytes: 20, scaleAt: 0, codesAt: 4 }),
  Q5_0: packed(q5_0, 32, [16, 2, 4], { bytes: 22, scaleAt: 0, highAt: 2, codesAt: 6 }),
  Q5_1: packed(q5_1, 32, [16, 4, 4], { bytes: 24, scaleAt: 0, highAt: 4, codesAt: 8 }),
  IQ4_NL: packed(iq4_nl, 32, [16, 2], { bytes: 18, scaleAt: 0, codesAt: 2 }),
  MXFP4: packed(mxfp4, 32, [16, 1], { bytes: 17, scaleAt: 0, codesAt: 1 }),
  Q2_K: packed(q2_k, 256, [64, 16, 4], { bytes: 84, scaleAt: 0, codesAt: 16, highAt: 80 }),
  Q3_K: packed(q3_k, 256, [64, 16, 32], { bytes: 110, highAt: 0, codesAt: 32, scaleAt: 96 }),
  Q4_K: packed(q4_k, 256, [128, 16], { bytes: 144, scaleAt: 0, codesAt: 16 }),
  Q5_K: packed(q5_k, 256, [128, 16, 32], { bytes: 176, scaleAt: 0, highAt: 16, codesAt: 48 }),
  Q6_K: packed(q6_k, 256, [128, 20, 64], { bytes: 210, codesAt: 0, highAt: 128, scaleAt: 192 }),
  IQ4_XS: packed(iq4_xs, 256, [128, 8], { bytes: 136, scaleAt: 0, codesAt: 8 }),
  IQ1_S: gridded(iq1_s + halfScale, [48, 2], { bytes: 50, scaleAt: 0, codesAt: 2 }, gridTables.iq1),
  IQ1_M: gridded(iq1_m, [48, 8], { bytes: 56, codesAt: 0, scaleAt: 48 }, gridTables.iq1),
  IQ2_XXS: gridded(iq2_xxs + halfScale, [64, 2], { bytes: 66, scaleAt: 0, codesAt: 2 }, gridTables.iq2Xxs),
  IQ2_XS: gridded(iq2_xs + halfScale, [72, 2], { bytes: 74, scaleAt: 0, codesAt: 2 }, gridTables.iq2Xs),
  IQ2_S: gridded(iq2_s + halfScale, [80, 2], { bytes: 82, scaleAt: 0, codesAt: 2 }, gridTables.iq2S),
  IQ3_XXS: gridded(iq3_xxs + halfScale, [96, 2], { bytes: 98, scaleAt: 0, codesAt: 2 }, gridTables.iq3Xxs),
  IQ3_S: gridded(iq3_s + halfScale, [108, 2], { bytes: 110, scaleAt: 0, codesAt: 2 }, gridTables.iq3S),
  TQ1_0: packed(tq1_0 + halfScale + eightQuads, 256, [52, 2], { bytes: 54, codesAt: 0, scaleAt: 52 }),
  TQ2_0: packed(tq2_0 + halfScale + eightQuads, 256, [64, 2], { bytes: 66, codesAt: 0, scaleAt: 64 }),
  NVFP4: {
    ...packed(nvfp4 + eightQuads, 64, [32, 4, 4], { bytes: 36, scaleAt: 0, codesAt: 4 }),
    scalesApart: true,
  },
} as const satisfies Record<string, FormatFacts>;

/** The facts of a format, without its literal type. */
export function formatFacts(format: WeightFormat): FormatFacts {
  return weightFormats[format];
}

/** Rows rowStart … rowStart + rowCount - 1, one tensor a plane. */
export interface WeightPart {
  rowStart: number;
  rowCount: number;
  planes: GpuTensor[];
}

/** y = W x with W [rows, columns], row-major. Owns its planes. */
export class WeightMatrix {
  constructor(
    readonly label: string,
    readonly format: WeightFormat,
    readonly rows: number,
    readonly columns: number,
    readonly parts: readonly WeightPart[],
  ) {}

  /** Units in one row. */
  get unitsPerRow(): number {
    return this.columns / formatFacts(this.format).unit;
  }

  /** Bytes on the device. */
  get byteLength(): number {
    return this.parts.reduce(
      (sum, part) => sum + part.planes.reduce((s, plane) => s + plane.byteLength, 0),
      0,
    );
  }

  dispose(): void {
    for (const part of this.parts) for (const plane of part.planes) plane.dispose();
  }
}
