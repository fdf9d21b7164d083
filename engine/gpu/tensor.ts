// GpuTensor: a device buffer with shape and element type, and the store that makes, counts and frees them.
import { errors, isDeviceMemoryLack } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';
import { MemoryPlan, type MemoryPart } from './memory_plan.ts';

export type ElementType = 'f32' | 'u32';

/** A device buffer. One owner, who disposes it. */
export class GpuTensor {
  /** Names this buffer in bind-group keys. */
  readonly id: number;
  #buffer: GPUBuffer | undefined;
  constructor(
    private readonly store: BufferStore,
    buffer: GPUBuffer,
    readonly label: string,
    readonly shape: readonly number[],
    readonly element: ElementType,
    readonly byteLength: number,
    /** Whose memory it is. */
    readonly part: MemoryPart,
  ) {
    this.#buffer = buffer;
    this.id = store.nextId();
  }

  /** The buffer; throws after dispose. */
  get buffer(): GPUBuffer {
    if (!this.#buffer) throw errors.internal(`tensor "${this.label}" was used after it was freed`);
    return this.#buffer;
  }

  /** Number of 4-byte elements. */
  get length(): number {
    return this.byteLength / 4;
  }

  /** Writes host data at a byte offset (a multiple of 4; length a multiple of 4). */
  write(data: ArrayBufferView<ArrayBuffer>, byteOffset = 0): void {
    this.store.device.queue.writeBuffer(this.buffer, byteOffset, data);
  }

  /** Safe twice. */
  dispose(): void {
    if (!this.#buffer) return;
    this.store.release(this, this.#buffer);
    this.#buffer = undefined;
  }
}

/** Makes device buffers and knows how many are alive. */
export class BufferStore {
  #live = new Set<GpuTensor>();
  #bytes = 0;
  #ids = 0;
  /** Where create() notes its tensors while obtain() runs. */
  #made: GpuTensor[] | undefined;
  /** What tensors made now count as. */
  #part: MemoryPart = 'working set';
  /** Who holds how much. */
  readonly memory = new MemoryPlan();
  /** Bytes that all tensors may take together: what the user allows. */
  bytesMax = Infinity;
  /** Called with the id of every freed tensor. */
  readonly onRelease = new Set<(id: number) => void>();

  constructor(
    readonly device: GPUDevice,
    /** Every tensor is bound as a whole, so the smaller one counts. */
    private readonly limits: { bufferBytesMax: number; bindingBytesMax: number },
    private readonly gpu: {
      /** Throws what went wrong on the device. */
      check(): void;
      /** Resolves when it has done all that was submitted. */
      idle(): Promise<void>;
    },
  ) {}

  nextId(): number {
    return ++this.#ids;
  }
  get liveCount(): number {
    return this.#live.size;
  }
  get liveBytes(): number {
    return this.#bytes;
  }

  /** Everything alive now; a failed load frees what it added. */
  liveTensors(): Set<GpuTensor> {
    return new Set(this.#live);
  }

  /**
   * A zeroed tensor of `shape`, 4 bytes an element. With `indirect`, it may hold dispatch sizes; with `uniform`, kernels may bind it
   * as a uniform. It counts as memory of `part`, in obtain() of what is obtained.
   * Throws outOfDeviceMemory or limitTooSmall.
   */
  create(
    label: string,
    shape: readonly number[],
    element: ElementType = 'f32',
    {
      indirect = false,
      uniform = false,
      part = this.#part,
    }: { indirect?: boolean; uniform?: boolean; part?: MemoryPart } = {},
  ): GpuTensor {
    const byteLength = Math.max(
      4,
      shape.reduce((a, b) => a * b, 4),
    );
    const { bufferBytesMax, bindingBytesMax } = this.limits;
    if (byteLength > bufferBytesMax) throw errors.limitTooSmall('maxBufferSize', bufferBytesMax, byteLength);
    if (byteLength > bindingBytesMax)
      throw errors.limitTooSmall('maxStorageBufferBindingSize', bindingBytesMax, byteLength);
    if (this.#bytes + byteLength > this.bytesMax)
      throw errors.outOfDeviceMemory(
        phrase`${label} (${byteLength} bytes) is more than the limit of ${this.bytesMax} bytes leaves`,
      );
    let buffer: GPUBuffer;
    try {
      buffer = this.device.createBuffer({
        label,
        size: byteLength,
        usage:
          GPUBufferUsage.STORAGE |
          GPUBufferUsage.COPY_SRC |
          GPUBufferUsage.COPY_DST |
          (indirect ? GPUBufferUsage.INDIRECT : 0) |
          (uniform ? GPUBufferUsage.UNIFORM : 0),
      });
    } catch (cause) {
      this.gpu.check();
      throw errors.outOfDeviceMemory(phrase`${label} (${byteLength} bytes): ${String(cause)}`);
    }
    const tensor = new GpuTensor(this, buffer, label, shape, element, byteLength, part);
    this.#live.add(tensor);
    this.#made?.push(tensor);
    this.#bytes += byteLength;
    this.memory.count(part, byteLength);
    return tensor;
  }

  /**
   * What `make` returns, once the device has said that it has the memory for all tensors that `make` creates: it tells of the lack of
   * it late. Where it lacks, other parts are asked to give back and it is tried again; not for snapshots, nor `alone`.
   * `make` is not asynchronous and writes no data. Whatever fails, none of its tensors stay.
   * Throws outOfDeviceMemory, naming `what`, and what `make` throws.
   */
  async obtain<T>(
    what: string,
    part: MemoryPart,
    make: () => T,
    { alone = part === 'snapshots' }: { alone?: boolean } = {},
  ): Promise<T> {
    for (;;) {
      const made: GpuTensor[] = [];
      try {
        return await this.#tryToObtain(what, part, make, { made, alone });
      } catch (error) {
        const bytes = made.reduce((sum, { byteLength }) => sum + byteLength, 0);
        for (const tensor of made) tensor.dispose();
        const lacks = isDeviceMemoryLack(error);
        if (!lacks || alone || (await this.memory.giveBack(Math.max(1, bytes))) === 0) throw error;
        // The memory of a buffer is free when the device has done what it was last used for.
        await this.gpu.idle();
      }
    }
  }

  async #tryToObtain<T>(
    what: string,
    part: MemoryPart,
    make: () => T,
    { made, alone }: { made: GpuTensor[]; alone: boolean },
  ): Promise<T> {
    const usualPart = this.#part;
    [this.#made, this.#part] = [made, part];
    this.device.pushErrorScope('out-of-memory');
    let lack: GPUError | null;
    let result: T;
    try {
      result = make();
    } finally {
      [this.#made, this.#part] = [undefined, usualPart];
      lack = await this.device.popErrorScope();
    }
    if (lack) throw errors.outOfDeviceMemory(`${what}: ${lack.message}`);
    // The limit was measured once; who stays within it leaves memory to others, but nothing fails that the device has room for.
    if (!alone) await this.memory.giveBack(this.memory.over);
    return result;
  }

  /** A tensor holding `data`. */
  from(
    label: string,
    shape: readonly number[],
    data: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>,
  ): GpuTensor {
    const tensor = this.create(label, shape, data instanceof Float32Array ? 'f32' : 'u32');
    if (data.byteLength > 0) tensor.write(data);
    return tensor;
  }

  release(tensor: GpuTensor, buffer: GPUBuffer): void {
    buffer.destroy();
    this.#live.delete(tensor);
    this.#bytes -= tensor.byteLength;
    this.memory.count(tensor.part, -tensor.byteLength);
    for (const listener of this.onRelease) listener(tensor.id);
  }

  dispose(): void {
    for (const tensor of [...this.#live].reverse()) tensor.dispose();
  }
}
