// Rows with NaN before, between and after them: a kernel that reads outside its rows gives itself away.
import type { RowView } from '../../engine/kernels/launch.ts';
import type { Rows } from '../reference/rows.ts';
import type { GpuFixture } from './gpu_fixture.ts';

/** `count` rows of `width` values from `next`, row t at offset + t * stride. */
export function spacedRows(
  { count, width, offset, stride }: { count: number; width: number; offset: number; stride: number },
  data: ArrayLike<number>,
): Rows & { values: Float32Array<ArrayBuffer> } {
  const values = new Float32Array(offset + count * stride + 4).fill(NaN);
  for (let t = 0; t < count; t++)
    for (let i = 0; i < width; i++) values[offset + t * stride + i] = data[t * width + i] as number;
  return { values, offset, stride };
}

/** The same rows on the device. */
export function uploadRows(
  fixture: GpuFixture,
  { values, offset, stride }: Rows & { values: Float32Array<ArrayBuffer> },
  name: string,
): RowView {
  return { tensor: fixture.upload(values, name), offset, stride };
}
