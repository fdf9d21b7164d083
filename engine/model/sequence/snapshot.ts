// A snapshot: the state of a sequence at one position. It holds the delta states, the ends of the rings, the hidden state that the MTP
// block goes on from, and the pages of keys and values up to there. It belongs to no sequence, and can be kept as bytes on the host.
import type { Gpu } from '../../gpu/device.ts';
import type { GpuTensor } from '../../gpu/tensor.ts';
import type { StateSnapshot } from '../../language_model/language_model.ts';
import { errors, isDeviceMemoryLack } from '../../protocol/errors.ts';
import { phrase } from '../../protocol/phrase.ts';
import type { KeptPages } from './kv_caches.ts';

/** A tensor of a snapshot; f32. */
export interface SnapshotPart {
  readonly name: string;
  readonly shape: readonly number[];
}

/** The parts of a model's snapshots, in order. All snapshots of a model have the same object. */
export type SnapshotLayout = readonly SnapshotPart[];

/** Where a part lies in a sequence: rows of `tensor`, in the order in which the part holds them. */
export interface SnapshotPlace {
  tensor: GpuTensor;
  rowBytes: number;
  rows: readonly number[];
}

/** Says that the bytes are a snapshot, and in which format. */
const magic = 'hearth-snapshot1';
/** Before the description: the magic, and the number of bytes of the description as a little-endian u32. */
const prefixBytes = magic.length + 4;
/** A description names a few parts per layer; more is damage. */
const descriptionBytesMax = 1024 * 1024;

/** What the header of a snapshot says. */
interface Description {
  position: number;
  parts: SnapshotPart[];
}

/** What read() gave, all pieces in one array, and where the parts begin in it. */
export interface CheckedState {
  bytes: Uint8Array<ArrayBuffer>;
  position: number;
  start: number;
}

/** Owns its tensors, one for each part of the layout, and its pages. */
export class Qwen3NextSnapshot implements StateSnapshot {
  readonly byteLength: number;
  #disposed = false;

  private constructor(
    private readonly gpu: Gpu,
    readonly layout: SnapshotLayout,
    readonly tensors: readonly GpuTensor[],
    /** Keys and values up to the position. */
    readonly pages: KeptPages,
  ) {
    this.byteLength = tensors.reduce((sum, tensor) => sum + tensor.byteLength, 0);
  }

  get position(): number {
    return this.pages.reach;
  }

  /** An empty snapshot to copy into, which takes over the pages; undefined when the device has no memory for it. */
  static async create(
    gpu: Gpu,
    layout: SnapshotLayout,
    pages: KeptPages,
  ): Promise<Qwen3NextSnapshot | undefined> {
    const position = pages.reach;
    try {
      const tensors = await gpu.buffers.obtain(`a snapshot at ${position}`, 'snapshots', () =>
        layout.map(({ name, shape }) => gpu.buffers.create(`snapshot ${position} ${name}`, shape)),
      );
      return new Qwen3NextSnapshot(gpu, layout, tensors, pages);
    } catch (error) {
      pages.dispose();
      if (isDeviceMemoryLack(error)) return undefined;
      throw error;
    }
  }

  /** A snapshot from a state that checkedState() gave, which takes over the pages; undefined when the device has no memory for it. */
  static async from(
    gpu: Gpu,
    layout: SnapshotLayout,
    { bytes, start }: CheckedState,
    pages: KeptPages,
  ): Promise<Qwen3NextSnapshot | undefined> {
    const snapshot = await Qwen3NextSnapshot.create(gpu, layout, pages);
    let at = start;
    for (const tensor of snapshot?.tensors ?? []) {
      tensor.write(bytes.subarray(at, at + tensor.byteLength));
      at += tensor.byteLength;
    }
    return snapshot;
  }

  /** See StateSnapshot.read. */
  async read(): Promise<Uint8Array<ArrayBuffer>[]> {
    const pieces = [header({ position: this.position, parts: [...this.layout] })];
    for (const tensor of this.tensors)
      pieces.push(new Uint8Array((await this.gpu.readback.words(tensor)).buffer));
    return pieces;
  }

  /** Safe twice. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.pages.dispose();
    for (const tensor of this.tensors) tensor.dispose();
  }
}

/** Magic, length, and the description as JSON. */
function header(description: Description): Uint8Array<ArrayBuffer> {
  const json = Buffer.from(JSON.stringify(description));
  const bytes = new Uint8Array(prefixBytes + json.length);
  bytes.set(Buffer.from(magic));
  new DataView(bytes.buffer).setUint32(magic.length, json.length, true);
  bytes.set(json, prefixBytes);
  return bytes;
}

/** The state of a snapshot in the bytes that it gave. Throws badSnapshot when they are damaged, or of a model with another layout or context. */
export function checkedState(
  bytes: Uint8Array<ArrayBuffer>,
  layout: SnapshotLayout,
  contextTokensMax: number,
): CheckedState {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.toString('latin1', 0, magic.length) !== magic)
    throw errors.badSnapshot(phrase`it is not a snapshot in a format of this version`);
  if (view.length < prefixBytes) throw errors.badSnapshot(phrase`it ends in its header`);
  const start = prefixBytes + view.readUInt32LE(magic.length);
  if (start - prefixBytes > descriptionBytesMax || start > view.length)
    throw errors.badSnapshot(phrase`it ends in its header`);
  const { position, parts } = descriptionIn(view.toString('utf8', prefixBytes, start));
  if (parts !== JSON.stringify(layout)) throw errors.badSnapshot(phrase`it is of a model of another shape`);
  if (!Number.isSafeInteger(position) || position < 1 || position > contextTokensMax)
    throw errors.badSnapshot(
      phrase`its position ${position} is outside the context of ${contextTokensMax} tokens`,
    );
  const need = layout.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 4), 0);
  if (view.length - start !== need)
    throw errors.badSnapshot(phrase`it holds ${view.length - start} bytes of state instead of ${need}`);
  return { bytes, position, start };
}

/** What a description says: the position (NaN for anything but a number) and the parts as JSON. Throws badSnapshot. */
function descriptionIn(json: string): { position: number; parts: string } {
  let given: unknown;
  try {
    given = JSON.parse(json);
  } catch {
    throw errors.badSnapshot(phrase`its header is damaged`);
  }
  if (typeof given !== 'object' || given === null || !('position' in given) || !('parts' in given))
    throw errors.badSnapshot(phrase`its header is damaged`);
  const { position, parts } = given;
  return { position: typeof position === 'number' ? position : NaN, parts: JSON.stringify(parts) };
}
