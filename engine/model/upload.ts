// Brings weights onto the device: bounded reads, repacking on the device, splits by the binding limit.
import type { Checkpoint, TensorEntry } from '../checkpoint/checkpoint.ts';
import type { Gpu } from '../gpu/device.ts';
import { runOnce } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { repackAlignBlocks, repackBlocks } from '../kernels/repack_blocks.ts';
import {
  formatFacts,
  weightFormats,
  WeightMatrix,
  type WeightFormat,
  type WeightPart,
} from '../kernels/weight_matrix.ts';
import { errors } from '../protocol/errors.ts';
import type { MatrixSource, VectorSource } from './sources.ts';

/** Host memory of one read. */
const chunkBytesMax = 4 * 1024 * 1024;
/** Bytes handed to the queue before waiting, so that staging copies do not pile up. */
const inFlightBytesMax = 64 * 1024 * 1024;

export class Uploader {
  doneBytes = 0;
  #inFlight = 0;
  #raw: GpuTensor | undefined;
  #unused: GpuTensor | undefined;

  constructor(
    private readonly gpu: Gpu,
    private readonly checkpoint: Pick<Checkpoint, 'path' | 'read'>,
    private readonly onProgress: (doneBytes: number) => void,
    private readonly signal?: AbortSignal,
  ) {}

  /** The storage type shared by all sources, or undefined when they differ. */
  static formatOf(source: MatrixSource): string | undefined {
    const types = new Set(source.sources.map(s => s.tensor.type));
    return types.size === 1 ? [...types][0] : undefined;
  }

  /**
   * Uploads a matrix in its stored precision. Parts hold whole groups of `groupRows` rows (one expert)
   * and fit the device's binding limit. Throws badCheckpoint, limitTooSmall, outOfDeviceMemory.
   */
  async matrix(label: string, source: MatrixSource, groupRows = 1): Promise<WeightMatrix> {
    const format = this.#supported(label, source);
    const facts = formatFacts(format);
    if (source.columns % facts.elements !== 0)
      throw errors.badCheckpoint(
        this.checkpoint.path,
        `"${label}" has rows of ${source.columns} values, not a multiple of ${facts.elements}`,
      );
    const blocksPerRow = source.columns / facts.elements;
    const limit = this.gpu.limits.storageBindingBytesMax;
    const groupBytes = groupRows * blocksPerRow * Math.max(...facts.planeBytes);
    const groupsPerPart = Math.floor(limit / groupBytes);
    if (groupsPerPart === 0) throw errors.limitTooSmall('maxStorageBufferBindingSize', limit, groupBytes);
    const parts: WeightPart[] = [];
    const bytes = new SourceStream(this.checkpoint, source, this.signal);
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
        if (facts.block) await this.#blocks(bytes, format, planes, blocks);
        else await this.#plain(bytes, planes[0] as GpuTensor, blocks * (facts.planeBytes[0] as number));
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
    const stored = await readFloats(this.checkpoint, source.tensor);
    const values = source.pieces ? gather(stored, source.pieces) : stored;
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      if (!Number.isFinite(value))
        throw errors.badWeights(this.checkpoint.path, `tensor "${source.tensor.name}" holds ${value}`);
      if (source.change === 'plusOne') values[i] = value + 1;
      else if (source.change === 'negativeExp') values[i] = -Math.exp(value);
    }
    this.#progress(source.tensor.byteLength);
    return values;
  }

  /** Waits for everything and frees the staging buffers. */
  async finish(): Promise<void> {
    await this.gpu.idle();
    this.#raw?.dispose();
    this.#unused?.dispose();
    this.#raw = this.#unused = undefined;
  }

  async #plain(bytes: SourceStream, plane: GpuTensor, byteLength: number): Promise<void> {
    for (let at = 0; at < byteLength;) {
      const chunk = await bytes.next(Math.min(chunkBytesMax, byteLength - at));
      plane.write(chunk, at);
      at += chunk.byteLength;
      await this.#queued(chunk.byteLength);
    }
  }

  async #blocks(
    bytes: SourceStream,
    format: WeightFormat,
    planes: readonly GpuTensor[],
    blocks: number,
  ): Promise<void> {
    const blockBytes = formatFacts(format).block?.bytes as number;
    const chunkBlocks = Math.floor(chunkBytesMax / blockBytes / repackAlignBlocks) * repackAlignBlocks;
    const raw = (this.#raw ??= this.gpu.buffers.create('raw blocks', [chunkBytesMax / 4 + 2], 'u32'));
    const unused = (this.#unused ??= this.gpu.buffers.create('unused plane', [4], 'u32'));
    for (let first = 0; first < blocks; first += chunkBlocks) {
      const count = Math.min(chunkBlocks, blocks - first);
      const chunk = await bytes.next(count * blockBytes);
      raw.write(padded(chunk));
      await runOnce(this.gpu, list => repackBlocks(list, format, raw, planes, unused, { count, first }));
      await this.#queued(chunk.byteLength);
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
    const format = Uploader.formatOf(source);
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

/** The bytes of a matrix in the order its rows are wanted. */
class SourceStream {
  #pieces: { tensor: TensorEntry; offset: number; byteLength: number }[] = [];
  constructor(
    private readonly checkpoint: Pick<Checkpoint, 'read'>,
    source: MatrixSource,
    private readonly signal?: AbortSignal,
  ) {
    for (const { tensor, pieces } of source.sources) {
      const rows = tensor.shape.slice(0, -1).reduce((a, b) => a * b, 1);
      const rowBytes = tensor.byteLength / rows;
      for (const [first, count] of pieces ?? [[0, rows] as const])
        this.#pieces.push({ tensor, offset: first * rowBytes, byteLength: count * rowBytes });
    }
    this.#pieces.reverse();
  }

  /** Exactly `byteLength` more bytes. */
  async next(byteLength: number): Promise<Uint8Array<ArrayBuffer>> {
    if (this.signal?.aborted) throw errors.badUsage('Loading the model was cancelled.');
    const out = new Uint8Array(byteLength);
    for (let at = 0; at < byteLength;) {
      const piece = this.#pieces.at(-1);
      if (!piece) throw errors.internal('a matrix has fewer bytes than its shape says');
      const take = Math.min(piece.byteLength, byteLength - at);
      await this.checkpoint.read(piece.tensor, piece.offset, out.subarray(at, at + take));
      piece.offset += take;
      piece.byteLength -= take;
      if (piece.byteLength === 0) this.#pieces.pop();
      at += take;
    }
    return out;
  }
}

/** writeBuffer takes multiples of 4 bytes, the repack kernel reads one word past the end. */
function padded(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (bytes.byteLength % 4 === 0) return bytes;
  const out = new Uint8Array(Math.ceil(bytes.byteLength / 4) * 4);
  out.set(bytes);
  return out;
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

/** A whole small tensor as f32. Only plain types: quantised vectors do not occur. */
async function readFloats(
  checkpoint: Pick<Checkpoint, 'path' | 'read'>,
  tensor: TensorEntry,
): Promise<Float32Array<ArrayBuffer>> {
  const bytes = new Uint8Array(tensor.byteLength);
  await checkpoint.read(tensor, 0, bytes);
  if (tensor.type === 'F32') return new Float32Array(bytes.buffer);
  const words = new Uint16Array(bytes.buffer);
  const bits = new Uint32Array(words.length);
  if (tensor.type === 'BF16') words.forEach((word, i) => (bits[i] = word << 16));
  else if (tensor.type === 'F16') return Float32Array.from(words, halfToFloat);
  else
    throw errors.badCheckpoint(
      checkpoint.path,
      `tensor "${tensor.name}" is a vector stored as ${tensor.type}`,
    );
  return new Float32Array(bits.buffer);
}

function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
