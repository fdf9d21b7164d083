// Matrices of any shape put together from the known blocks, activations put together from the known patterns, and their exact products.
import type { TensorEntry } from '../checkpoint/checkpoint.ts';
import type { Gpu } from '../gpu/device.ts';
import { formatFacts, type WeightFormat, type WeightMatrix } from '../kernels/weight_matrix.ts';
import { Uploader } from '../model/weights/upload.ts';
import { knownBlocks, patterns, type KnownBlocks } from './known_sums.ts';

/** A matrix on the device whose products with `activations` are known. */
export class GeneratedMatrix {
  private constructor(
    readonly w: WeightMatrix,
    private readonly known: KnownBlocks,
  ) {}

  /** Brings it onto the device as a model's weights are brought there. `columns` is a multiple of the format's block. */
  static async create(
    gpu: Gpu,
    format: WeightFormat,
    { rows, columns, groupRows = 1 }: { rows: number; columns: number; groupRows?: number },
  ): Promise<GeneratedMatrix> {
    const known = knownBlocks(format);
    const { tensor, stored } = storedMatrix(format, known, rows, columns);
    const up = new Uploader(gpu, stored);
    const w = up.matrix(`known ${format}`, { rows, columns, sources: [{ tensor }] }, groupRows);
    try {
      await up.run();
    } catch (error) {
      w.dispose();
      throw error;
    }
    return new GeneratedMatrix(w, known);
  }

  /** Row `row` of the matrix times row `t` of the activations, in double precision. */
  product(row: number, t: number): number {
    const { elements, sums } = this.known;
    let sum = 0;
    for (let i = 0; i < this.w.columns / elements; i++)
      sum += sums[blockOf(row, i, sums.length)]?.[patternOf(t, i)] as number;
    return sum;
  }

  /** Largest difference of a decoded row's products with all patterns, block by block; a share of the largest sum. */
  decodingError(row: number, values: Float32Array): number {
    const { elements, sums } = this.known;
    const scale = Math.max(...sums.flat().map(Math.abs));
    let worst = 0;
    for (let i = 0; i < this.w.columns / elements; i++)
      for (const [p, pattern] of patterns.entries()) {
        let sum = 0;
        for (let e = 0; e < elements; e++)
          sum += (values[i * elements + e] as number) * (pattern[e] as number);
        worst = Math.max(worst, Math.abs(sum - (sums[blockOf(row, i, sums.length)]?.[p] as number)) / scale);
      }
    return worst;
  }

  dispose(): void {
    this.w.dispose();
  }
}

/** Rows of activations for matrices of this format, [count, columns]. */
export function activations(format: WeightFormat, count: number, columns: number): Float32Array<ArrayBuffer> {
  const { elements } = knownBlocks(format);
  const out = new Float32Array(count * columns);
  for (let t = 0; t < count; t++)
    for (let i = 0; i < columns / elements; i++)
      out.set((patterns[patternOf(t, i)] as Float32Array).subarray(0, elements), t * columns + i * elements);
  return out;
}

/** Mean square of every row of activations. */
export const meanSquare =
  (patterns[0] as Float32Array).reduce((sum, value) => sum + value * value, 0) /
  (patterns[0] as Float32Array).length;

/** The block at place i of a row, of so many. */
function blockOf(row: number, i: number, count: number): number {
  return mixed(row, i) % count;
}
/** The pattern at place i of a row of activations. */
function patternOf(t: number, i: number): number {
  return mixed(i, t + 7919) % patterns.length;
}
function mixed(a: number, b: number): number {
  const x = Math.imul(a + 1, 0x9e3779b1) ^ Math.imul(b + 1, 0x85ebca6b);
  return (x ^ (x >>> 15)) >>> 8;
}

/** The matrix as a checkpoint would store it. */
function storedMatrix(format: WeightFormat, known: KnownBlocks, rows: number, columns: number) {
  const { scalesApart, block } = formatFacts(format);
  const { elements, bytes, sums } = known;
  const blockBytes = bytes.length / sums.length;
  // The scale of an FP8 block follows it among the known bytes; in a checkpoint it lies in a tensor of its own.
  const ownScales = scalesApart === true && !block;
  const codeBytes = ownScales ? blockBytes - 4 : blockBytes;
  const perRow = columns / elements;
  const data = new Uint8Array(rows * perRow * codeBytes);
  const scales = new Uint8Array(ownScales ? rows * perRow * 4 : 0);
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < perRow; i++) {
      const at = blockOf(row, i, sums.length) * blockBytes;
      const place = row * perRow + i;
      data.set(bytes.subarray(at, at + codeBytes), place * codeBytes);
      if (ownScales) scales.set(bytes.subarray(at + codeBytes, at + blockBytes), place * 4);
    }
  const scaleTensor: TensorEntry = {
    name: 'scales',
    type: 'F32',
    shape: [rows, perRow],
    byteLength: scales.length,
  };
  const tensor: TensorEntry = {
    name: 'known',
    type: format,
    shape: [rows, columns],
    byteLength: data.length,
    ...(ownScales && { blockScales: { tensor: scaleTensor, rows: 1, columns: elements } }),
  };
  const stored = {
    path: 'the self-check',
    read: (of: TensorEntry, offset: number, into: Uint8Array): Promise<void> => {
      into.set((of === tensor ? data : scales).subarray(offset, offset + into.length));
      return Promise.resolve();
    },
  };
  return { tensor, stored };
}
