// Time the device itself spends on passes, by timestamp queries: what is left when the host's and the queue's share is taken off.
import type { AwaitedDevice } from './waits.ts';

/** Passes between two readings; each takes two timestamps, of which a query set holds 4096. */
const passesMax = 2048;

/** While it is set as gpu.timer, every compute pass is timed. */
export class DeviceTimer {
  readonly #queries: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  #passes = 0;

  private constructor(private readonly gpu: AwaitedDevice) {
    const { device } = gpu;
    this.#queries = device.createQuerySet({ type: 'timestamp', count: 2 * passesMax });
    this.#resolved = device.createBuffer({
      label: 'timestamps',
      size: 16 * passesMax,
      usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    });
  }

  /** A timer, or undefined on a device without timestamps. */
  static create(gpu: AwaitedDevice): DeviceTimer | undefined {
    return gpu.device.features.has('timestamp-query') ? new DeviceTimer(gpu) : undefined;
  }

  /** Where the next pass notes its beginning and end; undefined when there is no room left before the next reading. */
  nextPass(): GPUComputePassTimestampWrites | undefined {
    const at = 2 * this.#passes++;
    if (at >= 2 * passesMax) return undefined;
    return { querySet: this.#queries, beginningOfPassWriteIndex: at, endOfPassWriteIndex: at + 1 };
  }

  /** Milliseconds of all passes since the last reading, waited for; undefined when they were too many to time. */
  async read(): Promise<number | undefined> {
    const passes = this.#passes;
    this.#passes = 0;
    if (passes === 0) return 0;
    if (passes > passesMax) return undefined;
    const { device } = this.gpu;
    const encoder = device.createCommandEncoder();
    encoder.resolveQuerySet(this.#queries, 0, 2 * passes, this.#resolved, 0);
    const staging = device.createBuffer({
      label: 'timestamps read back',
      size: 16 * passes,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    encoder.copyBufferToBuffer(this.#resolved, 0, staging, 0, 16 * passes);
    this.gpu.submit(encoder.finish());
    try {
      await this.gpu.wait(staging.mapAsync(GPUMapMode.READ));
      const stamps = new BigUint64Array(staging.getMappedRange());
      let nanoseconds = 0n;
      for (let i = 0; i < passes; i++)
        nanoseconds += (stamps[2 * i + 1] as bigint) - (stamps[2 * i] as bigint);
      return Number(nanoseconds) / 1e6;
    } finally {
      staging.destroy();
    }
  }

  dispose(): void {
    this.#queries.destroy();
    this.#resolved.destroy();
  }
}
