// A step that the device has begun with its own pick before the host asked for it. Until the host asks, it does not count as read.
import type { PendingRead } from '../../gpu/readback.ts';
import type { StepSampling } from '../../language_model/language_model.ts';

export class StepAhead {
  #step: { id: number; sampling: StepSampling | undefined; answer: PendingRead } | undefined;

  /** Tokens that the device has read and nobody has asked for yet. */
  get count(): number {
    return this.#step ? 1 : 0;
  }

  /** The device has begun to read `id`, its own pick, and picks by `sampling`. */
  set(id: number, sampling: StepSampling | undefined, answer: PendingRead): void {
    this.#step = { id, sampling, answer };
  }

  /** The answer of the step that reads `id` and picks by `sampling`, which counts as read from now on; undefined for any other. */
  take(id: number, sampling: StepSampling | undefined): PendingRead | undefined {
    if (this.#step?.id !== id || this.#step.sampling !== sampling) return undefined;
    const { answer } = this.#step;
    this.#step = undefined;
    return answer;
  }

  /** Its answer is not wanted. */
  drop(): void {
    this.#step?.answer.drop();
    this.#step = undefined;
  }
}
