// Brings weights onto the device. What is asked for is allocated at once and its bytes follow in run(), so that the model is
// put together, and its kernels compile, while the weights arrive. Matrices are split by the device's binding limit.
import type { Gpu } from '../../gpu/device.ts';
import type { GpuTensor } from '../../gpu/tensor.ts';
import {
  formatFacts,
  weightFormats,
  WeightMatrix,
  type WeightFormat,
  type WeightPart,
} from '../../kernels/weight_matrix.ts';
import { errors } from '../../protocol/errors.ts';
import { phrase, type Phrase } from '../../protocol/phrase.ts';
import { readFinite, RowBytes, RowScales, type StoredTensors } from './source_bytes.ts';
import type { MatrixSource, VectorSource } from './sources.ts';
import { roundedRowBytesMax, storedRowBytes, WeightStream } from './weight_stream.ts';

export class Uploader {
  /** Bytes of everything that was asked for so far, as stored; scales that lie apart are not counted. */
  totalBytes = 0;
  readonly #jobs: ((stream: WeightStream, onBytes: (byteLength: number) => void) => Promise<void>)[] = [];

  constructor(
    private readonly gpu: Gpu,
    private readonly checkpoint: StoredTensors,
  ) {}

  /** The storage type shared by all sources, and what it becomes; undefined when they differ. Equal ones may share a matrix. */
  static formatOf(source: MatrixSource): string | undefined {
    const type = storedType(source);
    return type && source.roundTo ? `${type} as ${source.roundTo}` : type;
  }

  /**
   * A matrix in its stored precision, or rounded if it says so. Parts hold whole groups of `groupRows` rows (one expert)
   * and fit the device's binding limit. Throws badCheckpoint, limitTooSmall, outOfDeviceMemory.
   */
  matrix(label: string, source: MatrixSource, groupRows = 1): WeightMatrix {
    const stored = this.#supported(label, source);
    const format = source.roundTo ?? stored;
    const facts = formatFacts(format);
    for (const { elements } of [facts, formatFacts(stored)])
      if (source.columns % elements !== 0)
        throw this.#bad(
          phrase`"${label}" has rows of ${source.columns} values, not a multiple of ${elements}`,
        );
    const rowBytes = storedRowBytes(stored, source.columns);
    if (source.roundTo && rowBytes > roundedRowBytesMax)
      throw this.#bad(phrase`"${label}" has rows of ${source.columns} values, too many to be rounded`);
    const blocksPerRow = source.columns / facts.elements;
    const limit = this.gpu.limits.storageBindingBytesMax;
    const groupBytes = groupRows * blocksPerRow * Math.max(...facts.planeBytes);
    const groupsPerPart = Math.floor(limit / groupBytes);
    if (groupsPerPart === 0) throw errors.limitTooSmall('maxStorageBufferBindingSize', limit, groupBytes);
    const parts: WeightPart[] = [];
    for (let rowStart = 0; rowStart < source.rows; rowStart += groupsPerPart * groupRows) {
      const rowCount = Math.min(groupsPerPart * groupRows, source.rows - rowStart);
      const planes = facts.planeBytes.map((planeBytes, i) =>
        this.gpu.buffers.create(
          `${label}[${rowStart}] plane ${i}`,
          [Math.max(4, Math.ceil((rowCount * blocksPerRow * planeBytes) / 4))],
          'u32',
          { part: 'weights' },
        ),
      );
      if (facts.table) planes.push(this.#table(`${label}[${rowStart}] table`, facts.table));
      parts.push({ rowStart, rowCount, planes });
    }
    this.totalBytes += source.rows * rowBytes;
    this.#jobs.push(stream => this.#fill(stream, source, stored, parts));
    return new WeightMatrix(label, format, source.rows, source.columns, parts);
  }

  /** A small tensor as f32, changed as its source says; run() throws badWeights for NaN or infinity in it. */
  vector(label: string, source: VectorSource): GpuTensor {
    return this.vectors(label, [source]);
  }

  /** Small tensors one behind another. */
  vectors(label: string, sources: readonly VectorSource[]): GpuTensor {
    const length = sources.reduce((sum, source) => sum + source.length, 0);
    const tensor = this.gpu.buffers.create(label, [length], 'f32', { part: 'weights' });
    this.#small(tensor, sources, values => values);
    return tensor;
  }

  /** A small matrix of `columns` columns transposed, [columns, rows]. */
  transposed(label: string, source: VectorSource, columns: number): GpuTensor {
    const rows = source.length / columns;
    const tensor = this.gpu.buffers.create(label, [columns, rows], 'f32', { part: 'weights' });
    this.#small(tensor, [source], values =>
      values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)] as number),
    );
    return tensor;
  }

  /**
   * Brings everything that was asked for. onProgress: bytes so far. Throws badWeights, badCheckpoint, fileUnreadable,
   * outOfDeviceMemory, deviceLost, loadCancelled.
   */
  async run(onProgress: (doneBytes: number) => void = () => undefined, signal?: AbortSignal): Promise<void> {
    let doneBytes = 0;
    const onBytes = (byteLength: number): void => onProgress((doneBytes += byteLength));
    const stream = new WeightStream(this.gpu, onBytes, signal);
    try {
      for (const job of this.#jobs.splice(0)) {
        if (signal?.aborted) throw errors.loadCancelled();
        await job(stream, onBytes);
      }
      await stream.finish();
    } finally {
      stream.dispose();
    }
  }

  async #fill(
    stream: WeightStream,
    source: MatrixSource,
    stored: WeightFormat,
    parts: readonly WeightPart[],
  ): Promise<void> {
    const { columns, roundTo } = source;
    const bytes = new RowBytes(this.checkpoint, source);
    const { block, elements, scalesApart } = formatFacts(stored);
    const scales = scalesApart ? new RowScales(this.checkpoint, source, elements) : undefined;
    for (const { rowCount: rows, planes } of parts) {
      if (roundTo)
        await stream.rounded({ bytes, scales, stored }, { format: roundTo, planes }, { rows, columns });
      else if (block) await stream.blocks(bytes, stored, planes, (rows * columns) / elements);
      else await stream.plain(bytes, planes[0] as GpuTensor, rows * storedRowBytes(stored, columns));
      if (scales && !roundTo)
        await stream.scales(scales, planes.at(-1) as GpuTensor, rows, columns / elements);
    }
  }

  #table(label: string, values: Uint32Array<ArrayBuffer>): GpuTensor {
    const tensor = this.gpu.buffers.create(label, [values.length], 'u32', { part: 'weights' });
    this.#jobs.push(() => {
      tensor.write(values);
      return Promise.resolve();
    });
    return tensor;
  }

  #small(
    tensor: GpuTensor,
    sources: readonly VectorSource[],
    arrange: (values: Float32Array<ArrayBuffer>) => Float32Array<ArrayBuffer>,
  ): void {
    for (const source of sources) this.totalBytes += source.tensor.byteLength;
    this.#jobs.push(async (_, onBytes) => {
      let at = 0;
      for (const source of sources) {
        const values = arrange(await this.#values(source));
        tensor.write(values, at);
        at += values.byteLength;
        onBytes(source.tensor.byteLength);
      }
    });
  }

  async #values(source: VectorSource): Promise<Float32Array<ArrayBuffer>> {
    const stored = await readFinite(this.checkpoint, source.tensor);
    const values = source.pieces ? gather(stored, source.pieces) : stored;
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      if (source.change === 'plusOne') values[i] = value + 1;
      else if (source.change === 'negativeExp') values[i] = -Math.exp(value);
    }
    return values;
  }

  #supported(label: string, source: MatrixSource): WeightFormat {
    const format = storedType(source);
    if (format === undefined) throw this.#bad(phrase`the parts of "${label}" are stored in different types`);
    if (!(format in weightFormats))
      throw this.#bad(phrase`"${label}" is stored as ${format}, which is not supported yet`);
    return format as WeightFormat;
  }

  #bad(why: Phrase): Error {
    return errors.badCheckpoint(this.checkpoint.path, why);
  }
}

function storedType(source: MatrixSource): string | undefined {
  const types = new Set(source.sources.map(({ tensor }) => tensor.type));
  return types.size === 1 ? [...types][0] : undefined;
}

function gather(stored: Float32Array, pieces: readonly [number, number][]): Float32Array<ArrayBuffer> {
  const out = new Float32Array(pieces.reduce((sum, [, count]) => sum + count, 0));
  let at = 0;
  for (const [first, count] of pieces) {
    out.set(stored.subarray(first, first + count), at);
    at += count;
  }
  return out;
}
