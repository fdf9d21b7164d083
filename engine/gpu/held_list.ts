// HeldList: a command list that keeps what is recorded and submits it piece by piece, each of no more work than the device may have
// at a time. So what was recorded can wait between two pieces while others use the device, or be given up.
import { errors } from '../protocol/errors.ts';
import type { Work } from '../shared/prediction/cost.ts';
import { CommandList } from './dispatch.ts';
import { workNow, type EncodedKernel } from './encoded_kernel.ts';
import type { GpuTensor } from './tensor.ts';
import type { PlainTimes } from './work.ts';

interface Command {
  encode: () => void;
  work: Work;
}

export class HeldList extends CommandList {
  readonly #commands: Command[] = [];
  #at = 0;

  /** True when all that was recorded was submitted. */
  get done(): boolean {
    return this.#at >= this.#commands.length;
  }

  /** Milliseconds that the rest should take. */
  get ms(): number {
    return this.#commands.slice(this.#at).reduce((sum, { work }) => sum + this.gpu.estimate.ms(work), 0);
  }

  /** Submits the next of what was recorded: as much as one submission may hold, and at least one command. */
  submitNext(): void {
    const { estimate, submissions } = this.gpu;
    const plain: PlainTimes = new Map();
    let ms = 0;
    while (!this.done) {
      const { encode, work } = this.#commands[this.#at] as Command;
      ms += estimate.ms(work);
      if (ms > submissions.budgetMs && plain.size > 0) break;
      encode();
      plain.set(work.kind, (plain.get(work.kind) ?? 0) + estimate.plainMs(work));
      this.#at++;
    }
    super.submit(plain);
  }

  protected override encode(kernel: EncodedKernel): void {
    this.#commands.push({ encode: () => super.encode(kernel), work: workNow(kernel) });
  }

  override copy(from: GpuTensor, fromByte: number, to: GpuTensor, toByte: number, byteLength: number): void {
    const work: Work = { kind: 'rows', operations: 0, bytes: 2 * byteLength };
    this.#commands.push({ encode: () => super.copy(from, fromByte, to, toByte, byteLength), work });
  }

  /** Not held: it would come before what is. */
  override clear(): void {
    throw errors.internal('a held list does not clear');
  }

  /** Not held: it would come before what is. */
  override copyOut(): void {
    throw errors.internal('a held list is not read back');
  }
}
