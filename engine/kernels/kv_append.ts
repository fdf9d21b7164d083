// Kernel kv_append: appends rows to a cache.
import type { CommandList, Word } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import source from './kv_append.wgsl';
import { groupCount, laneCount, type RowView } from './launch.ts';

/** cache[row + t] = x[t] for `count` rows of `width`. */
export function kvAppend(
  list: CommandList,
  x: RowView,
  cache: GpuTensor,
  { count, width, row }: { count: number; width: number; row: Word },
): void {
  const wg = laneCount(list.gpu);
  list.dispatch({
    spec: { name: 'kv_append', source, constants: { wg } },
    tensors: [x.tensor, cache],
    words: [width, x.offset, x.stride, row],
    groups: [groupCount(width, wg), count],
  });
}
