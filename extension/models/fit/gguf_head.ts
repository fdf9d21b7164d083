// The beginning of a GGUF file: the settings in front of the vocabulary, from the first bytes alone. Lenient, for advice before the
// download; the engine reads and checks whole headers. (@huggingface/gguf does too, but reads all of a header, some 12 MB of
// vocabulary among it, and on the thread that asks.)
import { ggufMagicBytes, hasGgufMagic } from '../gguf_magic.ts';

/** Enough for the settings of any model in use; the vocabulary follows them. */
export const headBytes = 256 * 1024;

export interface GgufHead {
  /** Numbers, texts, booleans, and lists of numbers, by key, as far as the bytes go. */
  values: Map<string, unknown>;
  /** Lengths of lists of texts, by key; the last one may reach beyond the bytes. */
  lengths: Map<string, number>;
}

/** GGUF's types by number: how a scalar of it is read, and its bytes. */
const scalars: Record<number, { bytes: number; read(view: DataView, at: number): number | boolean }> = {
  0: { bytes: 1, read: (view, at) => view.getUint8(at) },
  1: { bytes: 1, read: (view, at) => view.getInt8(at) },
  2: { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  3: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  4: { bytes: 4, read: (view, at) => view.getUint32(at, true) },
  5: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  6: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  7: { bytes: 1, read: (view, at) => view.getUint8(at) !== 0 },
  10: { bytes: 8, read: (view, at) => Number(view.getBigUint64(at, true)) },
  11: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  12: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
};
const textType = 8;
const listType = 9;
/** Lists with one entry for each layer are shorter; longer ones are not among the settings that are needed. */
const listLengthMax = 4096;

/** Reads what is whole in `bytes`. Undefined when they do not begin a GGUF file of version 2 or 3. */
export function readGgufHead(bytes: Uint8Array): GgufHead | undefined {
  if (!hasGgufMagic(bytes)) return undefined;
  const reader = new Reader(bytes, ggufMagicBytes);
  const head: GgufHead = { values: new Map(), lengths: new Map() };
  try {
    if (![2, 3].includes(reader.scalar(4) as number)) return undefined;
    reader.scalar(10);
    for (let left = reader.scalar(10) as number; left > 0; left--) readValue(reader, head);
  } catch (error) {
    // Reading ends where the bytes end or make no sense; what was read until then counts.
    if (!(error instanceof RangeError)) throw error;
  }
  return head;
}

function readValue(reader: Reader, { values, lengths }: GgufHead): void {
  const key = reader.text();
  const type = reader.scalar(4) as number;
  if (type === textType) values.set(key, reader.text());
  else if (type !== listType) values.set(key, reader.scalar(type));
  else {
    const of = reader.scalar(4) as number;
    const length = reader.scalar(10) as number;
    if (of === textType) {
      lengths.set(key, length);
      for (let i = 0; i < length; i++) reader.skipText();
    } else if (length > listLengthMax) reader.skipScalars(of, length);
    else
      values.set(
        key,
        Array.from({ length }, () => reader.scalar(of)),
      );
  }
}

/** Throws RangeError at the end of the bytes and at a type that is none. */
class Reader {
  #at: number;
  readonly #view: DataView;
  constructor(
    private readonly bytes: Uint8Array,
    start: number,
  ) {
    this.#at = start;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  scalar(type: number): number | boolean {
    const value = this.#typeOf(type).read(this.#view, this.#at);
    this.#at += this.#typeOf(type).bytes;
    return value;
  }

  text(): string {
    const start = this.skipText();
    return new TextDecoder().decode(this.bytes.subarray(start, this.#at));
  }

  /** Returns where the text begins. */
  skipText(): number {
    const length = this.scalar(10) as number;
    return this.#move(length);
  }

  skipScalars(type: number, count: number): void {
    this.#move(this.#typeOf(type).bytes * count);
  }

  #move(count: number): number {
    const start = this.#at;
    if (!(start + count <= this.bytes.byteLength)) throw new RangeError('the end of the bytes');
    this.#at += count;
    return start;
  }

  #typeOf(type: number): (typeof scalars)[number] {
    const found = scalars[type];
    if (!found) throw new RangeError(`type ${type} is none`);
    return found;
  }
}
