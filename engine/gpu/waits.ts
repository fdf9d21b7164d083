// How long the host waits for the device. A device that hangs without its driver saying so would keep every request for ever: a wait
// that takes longer than anything that was submitted can take ends in a lost device.
import { errors, type HearthError } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';

/** How long a device may take. */
export interface Patience {
  /** For the first answer, whatever was submitted. */
  baseMs: number;
  /** More for each submission that is not done yet. */
  submissionMs: number;
}

/**
 * A submission is meant to take a tenth of a second. A hundred times that is for estimates that were wrong and for whoever else uses
 * the device; the base is for drivers that make a kernel's code, or move memory, before they begin.
 */
const ofGpu: Patience = { baseMs: 60_000, submissionMs: 10_000 };
/** A processor in the GPU's place computes as long as it takes. */
const ofSoftware: Patience = { baseMs: 600_000, submissionMs: 100_000 };

export function patienceWith(software: boolean): Patience {
  return software ? ofSoftware : ofGpu;
}

/** A device whose submissions are counted: a Gpu. */
export interface AwaitedDevice {
  readonly device: GPUDevice;
  submit(commands: GPUCommandBuffer): void;
  /** See DeviceWaits.wait(). */
  wait<T>(work: Promise<T>, upTo?: number): Promise<T>;
}

/** Counts what is submitted to a device, and waits for it. */
export class DeviceWaits {
  #submitted = 0;
  #done = 0;
  #lost: HearthError | undefined;
  readonly #pending = new Set<(failure: HearthError) => void>();

  constructor(
    private readonly patience: Patience,
    /** Kernels compiled so far: where the device makes their code when they first run, it may be busy with nothing else. */
    private readonly compiled: () => number,
    /** Told once that the device hangs, with the failure that all waits end in. */
    private readonly onHang: (failure: HearthError) => void,
  ) {}

  /** Submissions so far: what is submitted next is the one after. */
  get submitted(): number {
    return this.#submitted;
  }

  /** One more was submitted. */
  count(): void {
    this.#submitted++;
  }

  /**
   * What `work` resolves to, which the device does when it has done its first `upTo` submissions. Throws deviceLost when that
   * takes too long or the device is lost meanwhile, and what `work` rejects with.
   */
  async wait<T>(work: Promise<T>, upTo = this.#submitted): Promise<T> {
    if (this.#lost) {
      work.catch(() => undefined);
      throw this.#lost;
    }
    const { baseMs, submissionMs } = this.patience;
    const deadlineMs = baseMs + submissionMs * Math.max(0, upTo - this.#done);
    let timer: NodeJS.Timeout | undefined;
    let fail: ((failure: HearthError) => void) | undefined;
    const failed = new Promise<never>((_, reject) => {
      fail = reject;
      this.#pending.add(reject);
    });
    const start = (): void => {
      const before = [this.compiled(), this.#done];
      timer = setTimeout(() => {
        // Whoever gets something done does not hang.
        if (before[0] !== this.compiled() || before[1] !== this.#done) start();
        else this.#hang(deadlineMs);
      }, deadlineMs);
    };
    start();
    try {
      const result = await Promise.race([work, failed]);
      this.#done = Math.max(this.#done, upTo);
      return result;
    } finally {
      clearTimeout(timer);
      if (fail) this.#pending.delete(fail);
    }
  }

  /** The device is lost: all waits end with this, and later ones too. */
  lose(failure: HearthError): void {
    this.#lost ??= failure;
    for (const fail of this.#pending) fail(this.#lost);
  }

  #hang(afterMs: number): void {
    const failure = errors.deviceLost(phrase`it got nothing done in ${Math.round(afterMs / 1000)} seconds`);
    this.lose(failure);
    this.onHang(failure);
  }
}
