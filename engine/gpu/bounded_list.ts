// BoundedList: a command list that is submitted in pieces while it is recorded, each of no more work than the device may have at a time.
// Nobody comes between the pieces; it keeps a slow device from being taken away by its system.
import { CommandList } from './dispatch.ts';
import { workNow, type EncodedKernel } from './encoded_kernel.ts';
import type { PlainTimes } from './work.ts';

export class BoundedList extends CommandList {
  /** What the piece that is being recorded should take. */
  #ms = 0;

  protected override encode(kernel: EncodedKernel): void {
    const { estimate, submissions } = this.gpu;
    const ms = estimate.ms(workNow(kernel));
    if (this.#ms > 0 && this.#ms + ms > submissions.budgetMs) this.submit();
    this.#ms += ms;
    super.encode(kernel);
  }

  override submit(plain?: PlainTimes): void {
    super.submit(plain);
    this.#ms = 0;
  }
}
