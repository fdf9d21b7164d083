// Brings weights onto the device: bounded reads, repacking or rounding on the device, splits by the binding limit.
import { fp8ColumnsMultiple } from '../checkpoint/quant.ts';
import type { Gpu } from '../gpu/device.ts';
import { runOnce } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { quantizeBlocks, quantizedBlock, type QuantizedFormat } from '../kernels/quantize_blocks.ts';
import { repackAlignBlocks, repackBlocks } from '../kernels/repack_blocks.ts';
import {
  formatFacts,
  weightFormats,
  WeightMatrix,
  type WeightFormat,
  type WeightPart,
} from '../kernels/weight_matrix.ts';
import { errors } from '../protocol/errors.ts';
import { readFinite, RowBytes, RowScales, type StoredTensors } from './source_bytes.ts';
import type { MatrixSource, VectorSource } from './sources.ts';

/** Host memory of one read: two of the longest rows that a configuration may have. */
const chunkBytesMax = 8 * 1024 * 1024;
/** Bytes handed to the queue before waiting, so that staging copies do not pile up. */
const inFlightBytesMax = 64 * 1024 * 1024;

/** The buffer that raw rows or blocks are written to; the repack kernel reads one word past their end. */
const rawWords = chunkBytesMax / 4 + 2;

export class Uploader {
  doneBytes = 0;
  #inFlight = 0;
  readonly #buffer = new Uint8Array(chunkBytesMax + 3);
  readonly #staging = new Map<string, GpuTensor>();

  constructor(
    private readonly gpu: Gpu,
    private readonly checkpoint: StoredTensors,
    private readonly onProgress: (doneBytes: number) => void,
    private readonly signal?: AbortSignal,
  ) {}

  /** The storage type shared by all sources, and what it becomes; undefined when they differ. Equal ones may share a matrix. */
  static formatOf(source: MatrixSource): string | undefined {
    const type = storedType(source);
    return type && source.loadAs ? `${type} as ${source.loadAs}` : type;
  }

  /**
   * Uploads a matrix in its stored precision, or rounded if it says so. Parts hold whole groups of `groupRows` rows (one expert)
   * and fit the device's binding limit. Throws badCheckpoint, limitTooSmall, outOfDeviceMemory.
   */
  async matrix(label: string, source: MatrixSource, groupRows = 1): Promise<WeightMatrix> {
    const stored = this.#supported(label, source);
    const format = source.loadAs ?? stored;
    const facts = formatFacts(format);
    for (const { elements } of [facts, formatFacts(stored)])
      if (source.columns % elements !== 0)
        throw errors.badCheckpoint(
          this.checkpoint.path,
          `"${label}" has rows of ${source.columns} values, not a multiple of ${elements}`,
        );
    const blocksPerRow = source.columns / facts.elements;
    const limit = this.gpu.limits.storageBindingBytesMax;
    const groupBytes = groupRows * blocksPerRow * Math.max(...facts.planeBytes);
    const groupsPerPart = Math.floor(limit / groupBytes);
    if (groupsPerPart === 0) throw errors.limitTooSmall('maxStorageBufferBindingSize', limit, groupBytes);
    const parts: WeightPart[] = [];
    const bytes = new RowBytes(this.checkpoint, source, this.#buffer, this.signal);
    const scales =
      stored === 'F8_E4M3' ? new RowScales(this.checkpoint, source, fp8ColumnsMultiple) : undefined;
    try {
      for (let rowStart = 0; rowStart < source.rows; rowStart += groupsPerPart * groupRows) {
        const rowCount = Math.min(groupsPerPart * groupRows, source.rows - rowStart);
        const blocks = rowCount * blocksPerRow;
        const planes = facts.planeBytes.map((planeBytes, i) =>
          this.gpu.buffers.create(
            `${label}[${rowStart}] plane ${i}`,
            [Math.max(4, Math.ceil((blocks * planeBytes) / 4))],
            'u32',
          ),
        );
        parts.push({ rowStart, rowCount, planes });
        if (source.loadAs)
          await this.#rounded({ bytes, scales, stored }, source.loadAs, planes, {
            rows: rowCount,
            columns: source.columns,
          });
        else if (facts.block) await this.#blocks(bytes, format, planes, blocks);
        else {
          await this.#plain(bytes, planes[0] as GpuTensor, blocks * (facts.planeBytes[0] as number));
          if (scales) await this.#scales(scales, planes[1] as GpuTensor, rowCount, source.columns);
        }
      }
    } catch (error) {
      for (const part of parts) for (const plane of part.planes) plane.dispose();
      throw error;
    }
    return new WeightMatrix(label, format, source.rows, source.columns, parts);
  }

  /** Uploads a small tensor as f32, changed as its source says. Throws badWeights for NaN or infinity. */
  async vector(label: string, source: VectorSource): Promise<GpuTensor> {
    return this.gpu.buffers.from(label, [source.length], await this.#values(source));
  }

  /** Uploads small tensors one behind another. */
  async vectors(label: string, sources: readonly VectorSource[]): Promise<GpuTensor> {
    const all: number[] = [];
    for (const source of sources) all.push(...(await this.#values(source)));
    return this.gpu.buffers.from(label, [all.length], Float32Array.from(all));
  }

  /** Uploads a small matrix of `columns` columns transposed, [columns, rows]. */
  async transposed(label: string, source: VectorSource, columns: number): Promise<GpuTensor> {
    const values = await this.#values(source);
    const rows = values.length / columns;
    const turned = values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)] as number);
    return this.gpu.buffers.from(label, [columns, rows], turned);
  }

  async #values(source: VectorSource): Promise<Float32Array<ArrayBuffer>> {
    const stored = await readFinite(this.checkpoint, source.tensor);
    const values = source.pieces ? gather(stored, source.pieces) : stored;
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      if (source.change === 'plusOne') values[i] = value + 1;
      else if (source.change === 'negativeExp') values[i] = -Math.exp(value);
    }
    this.#progress(source.tensor.byteLength);
    return values;
  }

  /** Waits for everything and frees the staging buffers. */
  async finish(): Promise<void> {
    await this.gpu.idle();
    for (const tensor of this.#staging.values()) tensor.dispose();
    this.#staging.clear();
  }

  /** A buffer on the device, kept until the end. */
  #stage(label: string, words: number): GpuTensor {
    let tensor = this.#staging.get(label);
    if (!tensor) this.#staging.set(label, (tensor = this.gpu.buffers.create(label, [words], 'u32')));
    return tensor;
  }

  async #plain(bytes: RowBytes, plane: GpuTensor, byteLength: number): Promise<void> {
    for (let at = 0; at < byteLength; at += chunkBytesMax) {
      const length = Math.min(chunkBytesMax, byteLength - at);
      plane.write(await bytes.next(length), at);
      await this.#queued(length);
    }
  }

  /** The scales of FP8 rows; there are few, and progress counts the rows only. */
  async #scales(scales: RowScales, plane: GpuTensor, rows: number, columns: number): Promise<void> {
    const rowBytes = (columns / fp8ColumnsMultiple) * 4;
    const chunkRows = Math.floor(chunkBytesMax / rowBytes);
    for (let row = 0; row < rows; row += chunkRows)
      plane.write(await scales.next(Math.min(chunkRows, rows - row)), row * rowBytes);
  }

  /** Reads whole rows as they are stored, an even number at a time, and rounds them on the device. */
  async #rounded(
    { bytes, scales, stored }: { bytes: RowBytes; scales: RowScales | undefined; stored: WeightFormat },
    format: QuantizedFormat,
    planes: readonly GpuTensor[],
    { rows, columns }: { rows: number; columns: number },
  ): Promise<void> {
    const { planeBytes, elements } = formatFacts(stored);
    const rowBytes = (columns / elements) * (planeBytes[0] as number);
    const rowBlocks = columns / quantizedBlock;
    const chunkRows = Math.floor(chunkBytesMax / rowBytes / 2) * 2;
    const from = [this.#stage('raw blocks', rawWords)];
    if (scales) from.push(this.#stage('raw scales', chunkBytesMax / fp8ColumnsMultiple));
    for (let row = 0; row < rows; row += chunkRows) {
      const count = Math.min(chunkRows, rows - row);
      from[0]?.write(await bytes.next(count * rowBytes));
      if (scales) from[1]?.write(await scales.next(count));
      await runOnce(this.gpu, list =>
        quantizeBlocks(
          list,
          { format: stored, planes: from },
          { format, planes },
          { count: count * rowBlocks, first: row * rowBlocks },
        ),
      );
      await this.#queued(count * rowBytes);
    }
  }

  async #blocks(
    bytes: RowBytes,
    format: WeightFormat,
    planes: readonly GpuTensor[],
    blocks: number,
  ): Promise<void> {
    const blockBytes = formatFacts(format).block?.bytes as number;
    const chunkBlocks = Math.floor(chunkBytesMax / blockBytes / repackAlignBlocks) * repackAlignBlocks;
    const raw = this.#stage('raw blocks', rawWords);
    const unused = this.#stage('unused plane', 4);
    for (let first = 0; first < blocks; first += chunkBlocks) {
      const count = Math.min(chunkBlocks, blocks - first);
      raw.write(await bytes.next(count * blockBytes));
      await runOnce(this.gpu, list => repackBlocks(list, format, raw, planes, unused, { count, first }));
      await this.#queued(count * blockBytes);
    }
  }

  async #queued(byteLength: number): Promise<void> {
    this.#progress(byteLength);
    this.#inFlight += byteLength;
    if (this.#inFlight < inFlightBytesMax) return;
    this.#inFlight = 0;
    await this.gpu.idle();
  }

  #progress(byteLength: number): void {
    this.doneBytes += byteLength;
    this.onProgress(this.doneBytes);
  }

  #supported(label: string, source: MatrixSource): WeightFormat {
    const format = storedType(source);
    if (format === undefined)
      throw errors.badCheckpoint(
        this.checkpoint.path,
        `the parts of "${label}" are stored in different types`,
      );
    if (!(format in weightFormats))
      throw errors.badCheckpoint(
        this.checkpoint.path,
        `"${label}" is stored as ${format}, which is not supported yet`,
      );
    return format as WeightFormat;
  }
}

function storedType(source: MatrixSource): string | undefined {
  const types = new Set(source.sources.map(({ tensor }) => tensor.type));
  return types.size === 1 ? [...types][0] : undefined;
}

function gather(stored: Float32Array, pieces: readonly [number, number][]): Float32Array<ArrayBuffer> {
  const out = new Float32Array(stored.length);
  let at = 0;
  for (const [first, count] of pieces) {
    out.set(stored.subarray(first, first + count), at);
    at += count;
  }
  return out;
}
