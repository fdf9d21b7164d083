// Writes small GGUF files, right or deliberately wrong ones, for tests.
import type { Checkpoint } from '../../engine/checkpoint/checkpoint.ts';
import type { StorageType } from '../../engine/shared/architecture/storage_types.ts';
import { blockFormats, byteLength } from '../../engine/checkpoint/quant.ts';

/** Number of each value type in the file. */
const valueTypes = {
  u8: 0, i8: 1, u16: 2, i16: 3, u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9, u64: 10, i64: 11, f64: 12,
} as const; // prettier-ignore
type ValueType = keyof typeof valueTypes;

/** A value with its type spelled out, for when the inferred one is not wanted. */
export interface TypedValue {
  type: Exclude<ValueType, 'array'>;
  value: string | number | boolean | bigint;
}

export interface GgufTensorInput {
  name: string;
  /** A number stands for any type id, known or not. */
  type: StorageType | number;
  /** Row-major, outermost first. */
  shape: number[];
  /** Zeros when absent. */
  data?: Uint8Array;
  /** Offset written to the table instead of the right one. */
  offset?: number;
}

export interface GgufInput {
  /**
   * Plain values take a type: string; boolean; whole number u32 (negative i32); other number f32; bigint u64.
   * An array takes the type of its first element.
   */
  metadata: Record<string, unknown>;
  tensors: GgufTensorInput[];
  magic?: string;
  version?: number;
  alignment?: number;
  /** Counts written to the header instead of the right ones. */
  tensorCount?: bigint;
  keyCount?: bigint;
}

/** The bytes of the file. */
export function ggufBytes(input: GgufInput): Uint8Array {
  const tensors = input.tensors.map(tensor => ({
    ...tensor,
    data: tensor.data ?? new Uint8Array(dataBytes(tensor)),
  }));
  const { out, positions } = writeHead({ ...input, tensors });
  for (const [i, { data }] of tensors.entries()) {
    out.padTo(positions[i] as number);
    out.bytes(data);
  }
  return out.result();
}

/** The file up to its data section, and where in the file each tensor's data begins: for models too large for memory. */
export function ggufHead(input: GgufInput): { bytes: Uint8Array; positions: number[] } {
  const { out, positions } = writeHead(input);
  return { bytes: out.result(), positions };
}

function writeHead(input: GgufInput): { out: ByteWriter; positions: number[] } {
  const alignment = input.alignment ?? 32;
  const metadata = {
    ...input.metadata,
    ...(input.alignment ? { 'general.alignment': input.alignment } : {}),
  };
  const out = new ByteWriter();
  out.bytes(new TextEncoder().encode(input.magic ?? 'GGUF'));
  out.scalar('u32', input.version ?? 3);
  out.scalar('u64', input.tensorCount ?? BigInt(input.tensors.length));
  out.scalar('u64', input.keyCount ?? BigInt(Object.keys(metadata).length));
  for (const [key, value] of Object.entries(metadata)) {
    out.scalar('string', key);
    writeValue(out, value);
  }
  let end = 0;
  const offsets = input.tensors.map(tensor => {
    const offset = tensor.offset ?? end;
    end = roundUp(offset + (tensor.data?.byteLength ?? dataBytes(tensor)), alignment);
    return offset;
  });
  for (const [i, { name, type, shape }] of input.tensors.entries()) {
    out.scalar('string', name);
    out.scalar('u32', shape.length);
    for (const size of [...shape].reverse()) out.scalar('u64', BigInt(size));
    out.scalar('u32', typeNumber(type));
    out.scalar('u64', BigInt(offsets[i] as number));
  }
  const start = roundUp(out.length, alignment);
  out.padTo(start);
  return { out, positions: offsets.map(offset => start + offset) };
}

function typeNumber(type: StorageType | number): number {
  const id = typeof type === 'number' ? type : blockFormats[type].ggufId;
  if (id === undefined) throw new Error(`GGUF has no type ${type}`);
  return id;
}

/** An opened GGUF model as input for `ggufBytes`: change what should be different and write it again. */
export async function ggufInput(source: Checkpoint): Promise<GgufInput> {
  const tensors: GgufTensorInput[] = [];
  for (const entry of source.tensors.values()) {
    const data = new Uint8Array(entry.byteLength);
    await source.read(entry, 0, data);
    tensors.push({ name: entry.name, type: entry.type, shape: [...entry.shape], data });
  }
  return { metadata: { ...source.metadata }, tensors };
}

function dataBytes({ type, shape }: GgufTensorInput): number {
  return typeof type === 'number' ? 32 : byteLength(type, shape);
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

function writeValue(out: ByteWriter, value: unknown): void {
  if (!Array.isArray(value)) {
    const { type, value: plain } = typed(value);
    out.scalar('u32', valueTypes[type]);
    out.scalar(type, plain);
    return;
  }
  const elements = value.map(typed);
  const type = elements.some(element => element.type === 'f32') ? 'f32' : (elements[0]?.type ?? 'u32');
  out.scalar('u32', valueTypes.array);
  out.scalar('u32', valueTypes[type]);
  out.scalar('u64', BigInt(elements.length));
  for (const element of elements) out.scalar(type, element.value);
}

function typed(value: unknown): TypedValue {
  if (typeof value === 'object' && value !== null) return value as TypedValue;
  if (typeof value === 'string') return { type: 'string', value };
  if (typeof value === 'boolean') return { type: 'bool', value };
  if (typeof value === 'bigint') return { type: 'u64', value };
  const number = value as number;
  if (!Number.isInteger(number)) return { type: 'f32', value: number };
  return { type: number < 0 ? 'i32' : 'u32', value: number };
}

/** Grows by doubling, so that large test headers are written in linear time. */
class ByteWriter {
  length = 0;
  private buffer = new Uint8Array(1024);

  bytes(bytes: Uint8Array): void {
    this.reserve(bytes.byteLength).set(bytes, this.length);
    this.length += bytes.byteLength;
  }

  padTo(length: number): void {
    if (length > this.length) this.bytes(new Uint8Array(length - this.length));
  }

  result(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }

  scalar(type: Exclude<ValueType, 'array'>, value: string | number | boolean | bigint): void {
    if (type === 'string') {
      const text = new TextEncoder().encode(String(value));
      this.scalar('u64', BigInt(text.byteLength));
      this.bytes(text);
      return;
    }
    const view = new DataView(new ArrayBuffer(8));
    const bytes = setScalar(view, type, value);
    this.bytes(new Uint8Array(view.buffer, 0, bytes));
  }

  private reserve(bytes: number): Uint8Array {
    if (this.length + bytes > this.buffer.byteLength) {
      const grown = new Uint8Array(Math.max(this.length + bytes, this.buffer.byteLength * 2));
      grown.set(this.buffer);
      this.buffer = grown;
    }
    return this.buffer;
  }
}

/** Returns how many bytes were set. */
function setScalar(
  view: DataView,
  type: Exclude<ValueType, 'array' | 'string'>,
  value: string | number | boolean | bigint,
): number {
  const number = Number(value);
  switch (type) {
    case 'u8':
    case 'i8':
    case 'bool':
      view.setInt8(0, number);
      return 1;
    case 'u16':
    case 'i16':
      view.setInt16(0, number, true);
      return 2;
    case 'u32':
    case 'i32':
      view.setInt32(0, number, true);
      return 4;
    case 'f32':
      view.setFloat32(0, number, true);
      return 4;
    case 'u64':
    case 'i64':
      view.setBigInt64(0, BigInt(value), true);
      return 8;
    case 'f64':
      view.setFloat64(0, number, true);
      return 8;
  }
}
