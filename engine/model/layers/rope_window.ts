// The rows of the rope table on the device: written for many positions at once, so that decoding seldom writes.
import type { GpuTensor } from '../../gpu/tensor.ts';
import { errors } from '../../protocol/errors.ts';
import type { ModelConfig } from '../config/config_types.ts';
import { ropeTable } from './rope.ts';

/** Positions written ahead. */
const aheadMin = 128;

export class RopeWindow {
  #first = 0;
  #end = 0;
  /** table: f32 [rows, rotaryDim / 2, 2]. */
  constructor(
    private readonly config: ModelConfig,
    private readonly table: GpuTensor,
  ) {}

  /** Row of position `start`, after making sure that `count` positions from it are there. */
  rowOf(start: number, count: number): number {
    if (start >= this.#first && start + count <= this.#end) return start - this.#first;
    const capacity = this.table.shape[0] as number;
    if (count > capacity) throw errors.internal(`${count} rows in a rope window of ${capacity}`);
    const rows = Math.min(capacity, Math.max(count, aheadMin));
    this.table.write(ropeTable(this.config, start, rows) as Float32Array<ArrayBuffer>);
    this.#first = start;
    this.#end = start + rows;
    return 0;
  }
}
