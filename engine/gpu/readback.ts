// Reads device tensors back into typed arrays through a small pool of staging buffers.
import { errors } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';
import type { GpuTensor } from './tensor.ts';
import type { DeviceUse } from './use.ts';

const pooledMax = 4;

/** The device whose tensors are read: a Gpu. */
interface ReadDevice {
  readonly device: GPUDevice;
  readonly use: DeviceUse;
  /** Throws what went wrong on it. */
  check(): void;
}

/** What records the copy of a tensor: a CommandList. */
interface CopyRecorder {
  copyOut(from: GpuTensor, to: GPUBuffer): void;
}

/** A tensor on its way to the host. */
export interface PendingRead {
  words(): Promise<Uint32Array<ArrayBuffer>>;
  /** They are not wanted. */
  drop(): void;
}

export class Readback {
  #free: GPUBuffer[] = [];
  constructor(private readonly gpu: ReadDevice) {}

  /** `count` f32 values from element `start`. Waits for all submitted work before it. */
  async floats(
    tensor: GpuTensor,
    start = 0,
    count = tensor.length - start,
  ): Promise<Float32Array<ArrayBuffer>> {
    return new Float32Array(await this.#bytes(tensor, start * 4, count * 4));
  }

  /** `count` u32 values from element `start`. */
  async words(
    tensor: GpuTensor,
    start = 0,
    count = tensor.length - start,
  ): Promise<Uint32Array<ArrayBuffer>> {
    return new Uint32Array(await this.#bytes(tensor, start * 4, count * 4));
  }

  /**
   * Records a copy of the whole tensor at the end of `list`, for after its submit: words() waits for that list, and for nothing
   * submitted later. Call either words() or drop(), once.
   */
  after(list: CopyRecorder, tensor: GpuTensor): PendingRead {
    const staging = this.#take(tensor.byteLength);
    const { use } = this.gpu;
    const own = use.submissions + 1;
    list.copyOut(tensor, staging);
    return {
      words: async () => {
        use.idleWaits += Number(use.submissions <= own);
        return new Uint32Array(await this.#mapped(staging, tensor.label, tensor.byteLength));
      },
      drop: () => this.#giveBack(staging),
    };
  }

  async #bytes(tensor: GpuTensor, offset: number, byteLength: number): Promise<ArrayBuffer> {
    const { device } = this.gpu;
    this.gpu.check();
    const staging = this.#take(byteLength);
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(tensor.buffer, offset, staging, 0, byteLength);
    device.queue.submit([encoder.finish()]);
    this.gpu.use.submissions++;
    this.gpu.use.idleWaits++;
    return this.#mapped(staging, tensor.label, byteLength);
  }

  async #mapped(staging: GPUBuffer, label: string, byteLength: number): Promise<ArrayBuffer> {
    this.gpu.use.waits++;
    try {
      await staging.mapAsync(GPUMapMode.READ, 0, byteLength);
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
