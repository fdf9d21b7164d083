// What is read of a checkpoint while weights are brought onto the device: rows of matrices in the order they are wanted, in
// bounded pieces, and small tensors as numbers.
import type { Checkpoint, TensorEntry } from '../../checkpoint/checkpoint.ts';
import { errors } from '../../protocol/errors.ts';
import { phrase } from '../../protocol/phrase.ts';
import type { MatrixSource } from './sources.ts';

/** All that is asked of a checkpoint here. */
export type StoredTensors = Pick<Checkpoint, 'path' | 'read'>;

/** The bytes of a matrix in the order its rows are wanted. */
export class RowBytes {
  #pieces: { tensor: TensorEntry; offset: number; byteLength: number }[] = [];

  constructor(
    private readonly checkpoint: StoredTensors,
    source: MatrixSource,
  ) {
    for (const { tensor, first, count } of rowRanges(source)) {
      const rowBytes = tensor.byteLength / rowsOfTensor(tensor);
      this.#pieces.push({ tensor, offset: first * rowBytes, byteLength: count * rowBytes });
    }
    this.#pieces.reverse();
  }

  /** Puts exactly `byteLength` more bytes into `out`, and zeros behind them to whole words; answers with both together. */
  async read(out: Uint8Array, byteLength: number): Promise<number> {
    const whole = Math.ceil(byteLength / 4) * 4;
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
    out.fill(0, byteLength, whole);
    return whole;
  }
}

/** The scales that lie apart from a matrix in the order its rows are wanted, one for every `columns` values of a row; 1 where there are none. */
export class RowScales {
  readonly #rows: Generator<{ tensor: TensorEntry; row: number }>;
  #tensor: TensorEntry | undefined;
  #values: Float32Array = new Float32Array();

  constructor(
    private readonly checkpoint: StoredTensors,
    private readonly source: MatrixSource,
    private readonly columns: number,
  ) {
    this.#rows = rowsOneByOne(source);
  }

  /** Scales of the next `count` rows. Throws badWeights. */
  async next(count: number): Promise<Float32Array<ArrayBuffer>> {
    const perRow = this.source.columns / this.columns;
    const out = new Float32Array(count * perRow);
    for (let i = 0; i < count; i++) {
      const { value, done } = this.#rows.next();
      if (done) throw errors.internal('a matrix has fewer rows than its shape says');
      const { tensor, row } = value;
      const { blockScales } = tensor;
      if (!blockScales) {
        out.fill(1, i * perRow, (i + 1) * perRow);
        continue;
      }
      if (tensor !== this.#tensor) {
        this.#values = await readFinite(this.checkpoint, blockScales.tensor);
        this.#tensor = tensor;
      }
      // Blocks begin anew with every matrix of a stack of experts.
      const height = tensor.shape.at(-2) ?? 1;
      const blockRow =
        Math.floor(row / height) * Math.ceil(height / blockScales.rows) +
        Math.floor((row % height) / blockScales.rows);
      const blocks = Math.ceil(this.source.columns / blockScales.columns);
      if (blocks === 1) {
        out.fill(this.#values[blockRow] as number, i * perRow, (i + 1) * perRow);
        continue;
      }
      for (let c = 0; c < perRow; c++)
        out[i * perRow + c] = this.#values[
          blockRow * blocks + Math.floor((c * this.columns) / blockScales.columns)
        ] as number;
    }
    return out;
  }
}

/** A whole small tensor as f32. Only plain types: quantised vectors do not occur. */
export async function readFloats(
  checkpoint: StoredTensors,
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
      phrase`tensor "${tensor.name}" is a vector stored as ${tensor.type}`,
    );
  return new Float32Array(bits.buffer);
}

/** The same; throws badWeights for NaN and infinity. */
export async function readFinite(
  checkpoint: StoredTensors,
  tensor: TensorEntry,
): Promise<Float32Array<ArrayBuffer>> {
  const values = await readFloats(checkpoint, tensor);
  for (const value of values)
    if (!Number.isFinite(value))
      throw errors.badWeights(checkpoint.path, phrase`tensor "${tensor.name}" holds ${value}`);
  return values;
}

/** Rows of a tensor of any number of dimensions. */
export function rowsOfTensor(tensor: TensorEntry): number {
  return tensor.shape.slice(0, -1).reduce((a, b) => a * b, 1);
}

function* rowRanges(source: MatrixSource): Generator<{ tensor: TensorEntry; first: number; count: number }> {
  for (const { tensor, pieces } of source.sources)
    for (const [first, count] of pieces ?? [[0, rowsOfTensor(tensor)] as const])
      yield { tensor, first, count };
}

function* rowsOneByOne(source: MatrixSource): Generator<{ tensor: TensorEntry; row: number }> {
  for (const { tensor, first, count } of rowRanges(source))
    for (let row = first; row < first + count; row++) yield { tensor, row };
}

function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
