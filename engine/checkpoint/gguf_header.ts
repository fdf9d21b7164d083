// The header of a GGUF file: metadata and tensor table. Lengths and counts are checked against the file before anything is
// made of them, so that a false claim fails in time and memory bounded by the bytes really read.
import { errors } from '../protocol/errors.ts';
import type { RangedFile } from './ranged_file.ts';
import { quoted } from './shown.ts';

/** The largest known header, 250,000 tokens and merges, takes about 11 MB. */
const headerBytesMax = 48_000_000;
const firstReadBytes = 1 << 20;
/** Real files: 60 keys, 1,500 tensors, 450,000 merges. */
const keysMax = 10_000;
const tensorsMax = 200_000;
const arrayLengthMax = 1_000_000;
const stringBytesMax = 10_000_000;
/** Elements of all arrays together: each becomes a value of some bytes, whatever it takes in the file. */
const elementsMax = 2_000_000;
const keyBytesMax = 65_535;
/** Names of tensors have up to 64 bytes; messages show them whole. */
const nameBytesMax = 512;
const dimensionsMax = 4;

const stringType = 8;
const arrayType = 9;

type Scalar = number | bigint | boolean;

/** A type of metadata values by its number in the file. 64-bit integers are plain numbers where those are exact. */
interface ScalarType {
  bytes: number;
  read: (view: DataView, at: number) => Scalar;
}
const scalarTypes: readonly (ScalarType | undefined)[] = [
  { bytes: 1, read: (view, at) => view.getUint8(at) },
  { bytes: 1, read: (view, at) => view.getInt8(at) },
  { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  { bytes: 4, read: (view, at) => view.getUint32(at, true) },
  { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  { bytes: 1, read: (view, at) => view.getUint8(at) !== 0 },
  undefined,
  undefined,
  { bytes: 8, read: (view, at) => plain(view.getBigUint64(at, true)) },
  { bytes: 8, read: (view, at) => plain(view.getBigInt64(at, true)) },
  { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
];

export interface GgufHeader {
  metadata: Record<string, unknown>;
  tensors: GgufTensorInfo[];
  /** End of the tensor table; the data section starts at the next multiple of the alignment. */
  headerBytes: number;
}

/** A row of the tensor table, as it stands there. */
export interface GgufTensorInfo {
  name: string;
  /** Row-major, outermost first; beyond 2^53 not exact. */
  shape: number[];
  /** Number of the storage type. */
  type: number;
  /** From the start of the data section; beyond 2^53 not exact. */
  offset: number;
}

/** Reads as much of the file as the header needs. Throws badCheckpoint or fileUnreadable. */
export async function readGgufHeader(file: RangedFile): Promise<GgufHeader> {
  const reader = new HeaderReader(file);
  const steps = reader.header();
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return step.value;
    await reader.load(step.value);
  }
}

/** Pauses, yielding how many bytes must be loaded, whenever it meets the end of what is. */
class HeaderReader {
  private bytes = Buffer.alloc(0);
  private view = new DataView(new ArrayBuffer(0));
  private position = 0;
  private elements = 0;

  constructor(private readonly file: RangedFile) {}

  /** Loads at least the first `wanted` bytes; doubles, so that a long header is copied only a few times. */
  async load(wanted: number): Promise<void> {
    const available = Math.min(this.file.byteLength, headerBytesMax);
    const length = Math.min(available, Math.max(wanted, this.bytes.byteLength * 2, firstReadBytes));
    const grown = Buffer.from(new ArrayBuffer(length));
    grown.set(this.bytes);
    await this.file.read(this.bytes.byteLength, grown.subarray(this.bytes.byteLength));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  *header(): Generator<number, GgufHeader, void> {
    yield* this.need(24);
    if (this.bytes.toString('latin1', 0, 4) !== 'GGUF') throw this.bad('it is not a GGUF file');
    const version = this.view.getUint32(4, true);
    if (version !== 2 && version !== 3)
      throw this.bad(version & 0xffff ? `GGUF version ${version} is not supported` : 'it is big-endian');
    const tensorCount = this.count(8, tensorsMax, 'tensors');
    const keyCount = this.count(16, keysMax, 'metadata keys');
    this.position = 24;
    const metadata = new Map<string, unknown>();
    for (let i = 0; i < keyCount; i++) {
      const key = yield* this.string(keyBytesMax);
      if (metadata.has(key)) throw this.bad(`it has the metadata key ${quoted(key)} twice`);
      metadata.set(key, yield* this.value());
    }
    const tensors: GgufTensorInfo[] = [];
    for (let i = 0; i < tensorCount; i++) tensors.push(yield* this.tensor());
    return { metadata: Object.fromEntries(metadata), tensors, headerBytes: this.position };
  }

  private *value(): Generator<number, unknown, void> {
    const type = yield* this.u32();
    if (type === stringType) return yield* this.string(stringBytesMax);
    if (type !== arrayType) return (yield* this.scalars(type, 1))[0];
    const elementType = yield* this.u32();
    yield* this.need(8);
    const length = this.count(this.position, arrayLengthMax, 'elements in a metadata array');
    this.position += 8;
    this.elements += length;
    if (this.elements > elementsMax) throw this.bad(`its metadata has more than ${elementsMax} elements`);
    if (elementType === arrayType) throw this.bad('its metadata has an array of arrays');
    if (elementType !== stringType) return yield* this.scalars(elementType, length);
    const strings: string[] = [];
    for (let i = 0; i < length; i++) strings.push(yield* this.string(stringBytesMax));
    return strings;
  }

  private *tensor(): Generator<number, GgufTensorInfo, void> {
    const name = yield* this.string(nameBytesMax);
    const dimensions = yield* this.u32();
    if (dimensions === 0 || dimensions > dimensionsMax)
      throw this.bad(`a tensor has ${dimensions} dimensions`);
    yield* this.need(8 * dimensions + 12);
    const shape = Array.from({ length: dimensions }, () => this.u64()).reverse();
    const type = this.view.getUint32(this.position, true);
    this.position += 4;
    return { name, shape, type, offset: this.u64() };
  }

  private *string(maxBytes: number): Generator<number, string, void> {
    // Looked at here, since there are hundreds of thousands: asking for what is there already takes its time.
    if (this.position + 8 > this.bytes.byteLength) yield* this.need(8);
    const length = this.count(this.position, maxBytes, 'bytes in a string');
    this.position += 8;
    if (this.position + length > this.bytes.byteLength) yield* this.need(length);
    const start = this.position;
    this.position += length;
    return this.bytes.toString('utf8', start, this.position);
  }

  private *scalars(type: number, count: number): Generator<number, Scalar[], void> {
    const scalar = scalarTypes[type];
    if (!scalar) throw this.bad(`its metadata has a value of the unknown type ${type}`);
    yield* this.need(scalar.bytes * count);
    const start = this.position;
    this.position += scalar.bytes * count;
    return Array.from({ length: count }, (_, i) => scalar.read(this.view, start + i * scalar.bytes));
  }

  private *u32(): Generator<number, number, void> {
    yield* this.need(4);
    this.position += 4;
    return this.view.getUint32(this.position - 4, true);
  }

  /** Of bytes that are there. */
  private u64(): number {
    this.position += 8;
    return Number(this.view.getBigUint64(this.position - 8, true));
  }

  private *need(bytes: number): Generator<number, void, void> {
    const end = this.position + bytes;
    if (end <= this.bytes.byteLength) return;
    if (end > this.file.byteLength) throw this.bad('it ends inside its header');
    if (end > headerBytesMax) throw this.bad(`its header is larger than ${headerBytesMax} bytes`);
    yield end;
  }

  /** A length or count in the file; compared before it is a number, which would not be exact. */
  private count(at: number, max: number, what: string): number {
    const low = this.view.getUint32(at, true);
    if (low <= max && this.view.getUint32(at + 4, true) === 0) return low;
    throw this.bad(`it claims ${this.view.getBigUint64(at, true)} ${what}`);
  }

  private bad(why: string) {
    return errors.badCheckpoint(this.file.path, why);
  }
}

function plain(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
