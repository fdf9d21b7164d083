// What the device has still to do of the work that is cut into submissions: how much of it one may hold, how many wait at a time,
// and how long each took.
import type { AwaitedDevice } from './waits.ts';
import type { PlainTimes, WorkEstimate } from './work.ts';

/**
 * Most milliseconds of one submission. Systems take a device away that does not answer for 2 s (Windows, Linux); an estimate may be far
 * off before anything was measured, and whoever comes between or cancels waits for two of them.
 */
export const submissionMsUsual = 100;

/** Submissions that the device has at a time: one that runs, and one so that it never waits for the host. */
const aheadMax = 2;

/** Shorter ones say more of the host than of the device. */
const measuredMsMin = 2;

export class Submissions {
  /** All that were noted. */
  count = 0;
  /** The longest so far, as it was estimated. */
  longestMs = 0;
  #unfinished = 0;
  #lastDone = 0;
  /** The device did something else since the last one that was noted. */
  #disturbed = false;
  #waiting: (() => void)[] = [];

  /** budgetMs: most milliseconds of one of them. */
  constructor(
    private readonly gpu: AwaitedDevice,
    private readonly estimate: WorkEstimate,
    public budgetMs: number = submissionMsUsual,
  ) {}

  /** Something was submitted that nobody estimated. */
  disturb(): void {
    this.#disturbed = true;
  }

  /** Work was submitted. What is measured of it corrects the estimate. */
  note(plain: PlainTimes): void {
    const submitted = performance.now();
    const disturbed = this.#disturbed;
    this.#disturbed = false;
    this.count++;
    this.longestMs = Math.max(this.longestMs, this.estimate.total(plain));
    this.#unfinished++;
    const ended = (): void => {
      this.#unfinished--;
      for (const go of this.#waiting.splice(0)) go();
    };
    this.gpu.wait(this.gpu.device.queue.onSubmittedWorkDone()).then(() => {
      const done = performance.now();
      const measured = done - Math.max(submitted, this.#lastDone);
      this.#lastDone = done;
      if (!disturbed && measured >= measuredMsMin) this.estimate.learn(plain, measured);
      ended();
    }, ended);
  }

  /** Resolves when another one may be submitted. */
  async room(): Promise<void> {
    while (this.#unfinished >= aheadMax) await new Promise<void>(resolve => this.#waiting.push(resolve));
  }
}
