// The frame of a GGUF header: walks its lengths and counts before anything is decoded, so that what the
// parser gets is known to be whole. A claim larger than the file fails here, in time bounded by the bytes
// really read. Decodes no values.
import { errors } from '../protocol/errors.ts';
import { phrase, type Phrase } from '../protocol/phrase.ts';
import type { RangedFile } from './ranged_file.ts';
import { quoted } from './describe_value.ts';

/** The parser holds 50 MB at most; the largest known header, 250,000 tokens and merges, takes about 11 MB. */
const headerBytesMax = 48_000_000;
const firstReadBytes = 1 << 20;
/** The same bounds as the parser's, or tighter. Real files: 60 keys, 1,500 tensors, 250,000 merges. */
const keysMax = 10_000;
const tensorsMax = 200_000;
const arrayLengthMax = 1_000_000;
const stringBytesMax = 10_000_000;
/** Elements of all arrays together: each becomes a value of some bytes, whatever it takes in the file. */
const elementsMax = 4_000_000;
const keyBytesMax = 65_535;
/** Names of tensors have up to 64 bytes; messages show them whole. */
const nameBytesMax = 512;
const dimensionsMax = 4;

const stringType = 8;
const arrayType = 9;
/** Bytes of a scalar by value type: u8 i8 u16 i16 u32 i32 f32 bool, -, -, u64 i64 f64. */
const scalarBytes = [1, 1, 2, 2, 4, 4, 4, 1, undefined, undefined, 8, 8, 8] as const;

export interface GgufFrame {
  /** The file's first bytes, at least `headerBytes` of them. */
  bytes: Uint8Array;
  /** End of the tensor table; the data section starts at the next multiple of the alignment. */
  headerBytes: number;
  keyCount: number;
  tensorCount: number;
  /** By metadata key: where its string, or the last string of its array, lies. In file order. */
  lastStrings: Map<string, Place>;
}

/** A range of bytes, counted from the start of the file. */
export interface Place {
  start: number;
  end: number;
}

/** Reads as much of the file as the header needs and checks its structure. Throws badCheckpoint. */
export async function readGgufFrame(file: RangedFile): Promise<GgufFrame> {
  const walk = new FrameWalk(file);
  const steps = walk.frame();
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return step.value;
    await walk.load(step.value);
  }
}

/** A walk that pauses, yielding how many bytes must be loaded, whenever it meets the end of what is. */
class FrameWalk {
  private bytes = new Uint8Array(0);
  private view = new DataView(this.bytes.buffer);
  private position = 0;
  private elements = 0;
  private readonly keys = new Set<string>();
  private readonly lastStrings = new Map<string, Place>();

  constructor(private readonly file: RangedFile) {}

  /** Loads at least the first `wanted` bytes; doubles, so that a long header is copied only a few times. */
  async load(wanted: number): Promise<void> {
    const available = Math.min(this.file.byteLength, headerBytesMax);
    const length = Math.min(available, Math.max(wanted, this.bytes.byteLength * 2, firstReadBytes));
    const grown = new Uint8Array(length);
    grown.set(this.bytes);
    await this.file.read(this.bytes.byteLength, grown.subarray(this.bytes.byteLength));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  *frame(): Generator<number, GgufFrame, void> {
    yield* this.need(24);
    if (new TextDecoder().decode(this.bytes.subarray(0, 4)) !== 'GGUF')
      throw this.bad(phrase`it is not a GGUF file`);
    const version = this.view.getUint32(4, true);
    if (version !== 2 && version !== 3)
      throw this.bad(
        version & 0xffff ? phrase`GGUF version ${version} is not supported` : phrase`it is big-endian`,
      );
    const tensorCount = this.count(8, tensorsMax, count => phrase`it claims ${count} tensors`);
    const keyCount = this.count(16, keysMax, count => phrase`it claims ${count} metadata keys`);
    this.position = 24;
    for (let key = 0; key < keyCount; key++) yield* this.keyValue();
    for (let tensor = 0; tensor < tensorCount; tensor++) yield* this.tensor();
    const { bytes, position: headerBytes, lastStrings } = this;
    return { bytes, headerBytes, keyCount, tensorCount, lastStrings };
  }

  private *keyValue(): Generator<number, void, void> {
    const { start, end } = yield* this.strings(1, keyBytesMax);
    yield* this.need(4);
    const type = this.view.getUint32(this.position, true);
    this.position += 4;
    const last = yield* this.value(type);
    const key = new TextDecoder().decode(this.bytes.subarray(start, end));
    if (this.keys.has(key)) throw this.bad(phrase`it has the metadata key ${quoted(key)} twice`);
    this.keys.add(key);
    if (last) this.lastStrings.set(key, last);
  }

  /** Skips a value. Returns the place of its (last) string, if it holds any. */
  private *value(type: number): Generator<number, Place | undefined, void> {
    if (type === stringType) return yield* this.strings(1, stringBytesMax);
    if (type !== arrayType) {
      yield* this.skip(this.scalar(type));
      return undefined;
    }
    yield* this.need(12);
    const elementType = this.view.getUint32(this.position, true);
    const length = this.count(
      this.position + 4,
      arrayLengthMax,
      count => phrase`it claims ${count} elements in a metadata array`,
    );
    this.position += 12;
    this.elements += length;
    if (this.elements > elementsMax)
      throw this.bad(phrase`its metadata has more than ${elementsMax} elements`);
    if (elementType === arrayType) throw this.bad(phrase`its metadata has an array of arrays`);
    if (elementType !== stringType) yield* this.skip(this.scalar(elementType) * length);
    else if (length > 0) return yield* this.strings(length, stringBytesMax);
    return undefined;
  }

  private *tensor(): Generator<number, void, void> {
    yield* this.strings(1, nameBytesMax);
    yield* this.need(4);
    const dimensions = this.view.getUint32(this.position, true);
    if (dimensions === 0 || dimensions > dimensionsMax)
      throw this.bad(phrase`a tensor has ${dimensions} dimensions`);
    yield* this.skip(4 + 8 * dimensions + 4 + 8);
  }

  /** Skips `count` strings, at least one. Returns the place of the last one's text. */
  private *strings(count: number, maxBytes: number): Generator<number, Place, void> {
    let start = this.position;
    for (let index = 0; index < count; index++) {
      if (this.position + 8 > this.bytes.byteLength) yield* this.need(8);
      const length = this.count(
        this.position,
        maxBytes,
        count => phrase`it claims ${count} bytes in a string`,
      );
      start = this.position += 8;
      if (start + length > this.bytes.byteLength) yield* this.need(length);
      this.position += length;
    }
    return { start, end: this.position };
  }

  private *skip(bytes: number): Generator<number, void, void> {
    yield* this.need(bytes);
    this.position += bytes;
  }

  private *need(bytes: number): Generator<number, void, void> {
    const end = this.position + bytes;
    if (end <= this.bytes.byteLength) return;
    if (end > this.file.byteLength) throw this.bad(phrase`it ends inside its header`);
    if (end > headerBytesMax) throw this.bad(phrase`its header is larger than ${headerBytesMax} bytes`);
    yield end;
  }

  private count(at: number, max: number, tooMany: (count: string) => Phrase): number {
    const count = this.view.getBigUint64(at, true);
    if (count > BigInt(max)) throw this.bad(tooMany(String(count)));
    return Number(count);
  }

  private scalar(type: number): number {
    const bytes = scalarBytes[type];
    if (bytes === undefined) throw this.bad(phrase`its metadata has a value of the unknown type ${type}`);
    return bytes;
  }

  private bad(why: Phrase) {
    return errors.badCheckpoint(this.file.path, why);
  }
}
