// A saved state of a sequence: delta states, the ends of the rings, and the hidden state the MTP block goes on from.
import type { GpuTensor } from '../../gpu/tensor.ts';
import type { StateSnapshot } from '../../language_model/language_model.ts';
import type { Qwen3NextSequence } from './state.ts';

/** tails: the last convKernel - 1 rows of each ring. */
export interface LinearCopy {
  tails: GpuTensor[];
  recurrent: GpuTensor;
}

/** Owns its copies. */
export class Qwen3NextSnapshot implements StateSnapshot {
  readonly byteLength: number;
  constructor(
    readonly owner: Qwen3NextSequence,
    readonly position: number,
    readonly copies: readonly (LinearCopy | undefined)[],
    /** Hidden state at the last position. */
    readonly hidden: GpuTensor | undefined,
  ) {
    this.byteLength = this.#tensors().reduce((sum, tensor) => sum + tensor.byteLength, 0);
  }
  dispose(): void {
    for (const tensor of this.#tensors()) tensor.dispose();
  }
  #tensors(): GpuTensor[] {
    const tensors = this.copies.flatMap(copy => (copy ? [...copy.tails, copy.recurrent] : []));
    return this.hidden ? [...tensors, this.hidden] : tensors;
  }
}
