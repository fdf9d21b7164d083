// Host memory that the device copies from: the host fills a mapped slot, sends it, and gets it back when the copy is done. Files
// are read straight into it, so that no byte is copied twice on the host and only a few slots are ever in flight.
import { errors } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';
import type { Gpu } from './device.ts';
import type { GpuTensor } from './tensor.ts';

/** A mapped piece of the ring. Fill `bytes`, then send it. */
export interface UploadSlot {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly buffer: GPUBuffer;
}

export class UploadRing {
  readonly #free: UploadSlot[] = [];
  readonly #coming = new Set<Promise<void>>();
  readonly #buffers: GPUBuffer[] = [];
  #broken: unknown;

  /** slotBytes: a multiple of 4. */
  constructor(
    private readonly gpu: Gpu,
    readonly slotBytes: number,
    private readonly slotsMax = 4,
  ) {}

  /** A slot that nobody reads any more; waits for the oldest one when all are in flight. Throws deviceLost, gpuError. */
  async take(): Promise<UploadSlot> {
    for (;;) {
      this.#check();
      const free = this.#free.pop();
      if (free) return free;
      if (this.#buffers.length < this.slotsMax) return this.#make();
      await Promise.race(this.#coming);
    }
  }

  /** Copies the first byteLength bytes (a multiple of 4) of the slot to byte `at` of a tensor; the slot is the ring's again. */
  send({ buffer }: UploadSlot, to: GpuTensor, at: number, byteLength: number): void {
    buffer.unmap();
    const encoder = this.gpu.device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, to.buffer, at, byteLength);
    this.gpu.submit(encoder.finish());
    const back = this.gpu.wait(buffer.mapAsync(GPUMapMode.WRITE)).then(
      () => void this.#free.unshift(slotOf(buffer)),
      (cause: unknown) => {
        this.#broken ??= cause;
      },
    );
    this.#coming.add(back);
    void back.finally(() => this.#coming.delete(back));
  }

  /** Resolves when every slot has come back. Throws deviceLost, gpuError. */
  async drained(): Promise<void> {
    await Promise.all(this.#coming);
    this.#check();
  }

  /** Frees the slots. */
  dispose(): void {
    for (const buffer of this.#buffers.splice(0)) buffer.destroy();
    this.#free.length = 0;
  }

  #make(): UploadSlot {
    const buffer = this.gpu.device.createBuffer({
      label: `upload ${this.#buffers.length}`,
      size: this.slotBytes,
      usage: GPUBufferUsage.MAP_WRITE | GPUBufferUsage.COPY_SRC,
      mappedAtCreation: true,
    });
    this.#buffers.push(buffer);
    return slotOf(buffer);
  }

  #check(): void {
    this.gpu.check();
    if (this.#broken !== undefined)
      throw errors.gpuError(phrase`an upload buffer could not be mapped: ${String(this.#broken)}`);
  }
}

function slotOf(buffer: GPUBuffer): UploadSlot {
  return { buffer, bytes: new Uint8Array(buffer.getMappedRange()) };
}
