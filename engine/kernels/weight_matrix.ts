// A weight matrix on the device in its stored precision, and the WGSL accessor that reads it.
// Large matrices are split by rows into parts that each fit a storage binding.
import type { GpuTensor } from '../gpu/tensor.ts';
import bf16 from './formats/bf16.wgsl';
import f16 from './formats/f16.wgsl';
import f32 from './formats/f32.wgsl';
import iq4_nl from './formats/iq4_nl.wgsl';
import mxfp4 from './formats/mxfp4.wgsl';
import q4_0 from './formats/q4_0.wgsl';
import q4_1 from './formats/q4_1.wgsl';
import q5_0 from './formats/q5_0.wgsl';
import q5_1 from './formats/q5_1.wgsl';
import q8_0 from './formats/q8_0.wgsl';

export type WeightFormat = 'F32' | 'F16' | 'BF16' | 'Q4_0' | 'Q4_1' | 'Q5_0' | 'Q5_1' | 'Q8_0' | 'IQ4_NL' | 'MXFP4';

export interface FormatFacts {
  /** Defines UNIT, weight_unit(unit) -> array<vec4f, UNIT / 4>, weight_scale(quad) and weight_quad(quad, scale) -> vec4f; bindings 0 … 2 are its planes. */
  accessor: string;
  /** Elements of one unit; the row length is a multiple of it. */
  unit: number;
  /** Bytes of each plane per unit; plane 0 holds codes or values. */
  planeBytes: readonly number[];
  /** Of GGUF's packed block, absent for plain formats: bytes, where codes and fifth bits start (qwen3-next 6.4). */
  block?: { bytes: number; codesAt: number; highAt: number };
}

export const weightFormats: Record<WeightFormat, FormatFacts> = {
  F32: { accessor: f32, unit: 16, planeBytes: [64] },
  F16: { accessor: f16, unit: 16, planeBytes: [32] },
  BF16: { accessor: bf16, unit: 16, planeBytes: [32] },
  Q8_0: { accessor: q8_0, unit: 32, planeBytes: [32, 2], block: { bytes: 34, codesAt: 2, highAt: 0 } },
  Q4_0: { accessor: q4_0, unit: 32, planeBytes: [16, 2], block: { bytes: 18, codesAt: 2, highAt: 0 } },
  Q4_1: { accessor: q4_1, unit: 32, planeBytes: [16, 4], block: { bytes: 20, codesAt: 4, highAt: 0 } },
  IQ4_NL: { accessor: iq4_nl, unit: 32, planeBytes: [16, 2], block: { bytes: 18, codesAt: 2, highAt: 0 } },
  MXFP4: { accessor: mxfp4, unit: 32, planeBytes: [16, 1], block: { bytes: 17, codesAt: 1, highAt: 0 } },
  Q5_0: { accessor: q5_0, unit: 32, planeBytes: [16, 2, 4], block: { bytes: 22, codesAt: 6, highAt: 2 } },
  Q5_1: { accessor: q5_1, unit: 32, planeBytes: [16, 4, 4], block: { bytes: 24, codesAt: 8, highAt: 4 } },
};

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
    return this.columns / weightFormats[this.format].unit;
  }

  /** Bytes on the device. */
  get byteLength(): number {
    return this.parts.reduce((sum, part) => sum + part.planes.reduce((s, plane) => s + plane.byteLength, 0), 0);
  }

  dispose(): void {
    for (const part of this.parts) for (const plane of part.planes) plane.dispose();
  }
}
