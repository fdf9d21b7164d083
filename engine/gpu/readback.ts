// Reads device tensors back into typed arrays through a small pool of staging buffers.
import { errors } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';
import type { GpuTensor } from './tensor.ts';
import type { AwaitedDevice } from './waits.ts';

const pooledMax = 4;

/** The device whose tensors are read: a Gpu. */
interface ReadDevice extends AwaitedDevice {
  /** Submissions so far. */
  readonly submitted: number;
  /** Throws what went wrong on it. */
  check(): void;
}

/** What records the copy of a tensor: a CommandList. */
interface CopyRecorder {
  copyOut(from: GpuTensor, to: GPUBuffer): void;
}

/** Bytes of a tensor; offset and length are multiples of 4. */
interface Stretch {
  tensor: GpuTensor;
  offset: number;
  byteLength: number;
}

/** A tensor on its way to the host. */
export interface PendingRead {
  words(): Promise<Uint32Array<ArrayBuffer>>;
  /** They are not wanted. */
  drop(): void;
}

export class Readback {
  /** Times the host has waited for what lies in a tensor. */
  waits = 0;
  /** Those in which nothing was submitted behind what was waited for: the device had nothing more to do. */
  idleWaits = 0;
  #free: GPUBuffer[] = [];
  constructor(private readonly gpu: ReadDevice) {}

  /** `count` f32 values from element `start`. Waits for all submitted work before it. */
  async floats(
    tensor: GpuTensor,
    start = 0,
    count = tensor.length - start,
  ): Promise<Float32Array<ArrayBuffer>> {
    return new Float32Array(await this.bytes([{ tensor, offset: start * 4, byteLength: count * 4 }]));
  }

  /** `count` u32 values from element `start`. */
  async words(
    tensor: GpuTensor,
    start = 0,
    count = tensor.length - start,
  ): Promise<Uint32Array<ArrayBuffer>> {
    return new Uint32Array(await this.bytes([{ tensor, offset: start * 4, byteLength: count * 4 }]));
  }

  /**
   * Records a copy of the whole tensor at the end of `list`, for after its submit: words() waits for that list, and for nothing
   * submitted later. Call either words() or drop(), once.
   */
  after(list: CopyRecorder, tensor: GpuTensor): PendingRead {
    const staging = this.#take(tensor.byteLength);
    list.copyOut(tensor, staging);
    const upTo = this.gpu.submitted + 1;
    return {
      words: async () => new Uint32Array(await this.#mapped(staging, tensor, tensor.byteLength, upTo)),
      drop: () => this.#giveBack(staging),
    };
  }

  /** Stretches of tensors, at least one, one behind the other. Waits once, for all submitted work before it. */
  async bytes(stretches: readonly [Stretch, ...Stretch[]]): Promise<ArrayBuffer> {
    const { device } = this.gpu;
    this.gpu.check();
    const total = stretches.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const staging = this.#take(total);
    const encoder = device.createCommandEncoder();
    let at = 0;
    for (const { tensor, offset, byteLength } of stretches) {
      encoder.copyBufferToBuffer(tensor.buffer, offset, staging, at, byteLength);
      at += byteLength;
    }
    this.gpu.submit(encoder.finish());
    return this.#mapped(staging, stretches[0].tensor, total, this.gpu.submitted);
  }

  /** The content of a buffer that submission number `upTo` writes. */
  async #mapped(
    staging: GPUBuffer,
    { label }: GpuTensor,
    byteLength: number,
    upTo: number,
  ): Promise<ArrayBuffer> {
    this.waits++;
    if (this.gpu.submitted <= upTo) this.idleWaits++;
    try {
      await this.gpu.wait(staging.mapAsync(GPUMapMode.READ, 0, byteLength), upTo);
    } catch (cause) {
      staging.destroy();
      this.gpu.check();
      throw errors.gpuError(phrase`reading back "${label}" failed: ${String(cause)}`);
    }
    // slice() copies: the mapped memory is gone after unmap.
    const bytes = staging.getMappedRange(0, byteLength).slice(0);
    staging.unmap();
    this.#giveBack(staging);
    this.gpu.check();
    return bytes;
  }

  #giveBack(staging: GPUBuffer): void {
    if (this.#free.length < pooledMax) this.#free.push(staging);
    else staging.destroy();
  }

  #take(byteLength: number): GPUBuffer {
    const at = this.#free.findIndex(buffer => buffer.size >= byteLength);
    if (at >= 0) return this.#free.splice(at, 1)[0] as GPUBuffer;
    return this.gpu.device.createBuffer({
      label: 'readback',
      size: Math.max(4096, byteLength),
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
  }

  dispose(): void {
    for (const buffer of this.#free) buffer.destroy();
    this.#free = [];
  }
}
