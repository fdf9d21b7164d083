// Kernel kv_narrow: rows of a KV cache in halves, written anew in 8 bits.
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { kvAccessor, kvRowWords } from './kv_cache.ts';
import source from './kv_narrow.wgsl';
import { groupCount, laneCount } from './launch.ts';

/** More rows than a dimension takes are folded into lines of so many workgroups. */
const groupsX = 1024;

/** to = the first `rows` rows of `from` in 8 bits: a row is a head of `dim` values at a position, and dim a multiple of 32. */
export function kvNarrow(
  list: CommandList,
  { from, to }: { from: GpuTensor; to: GpuTensor },
  { rows, dim }: { rows: number; dim: number },
): void {
  const x = Math.min(rows, groupsX);
  list.dispatch({
    spec: {
      name: 'kv_narrow',
      source,
      preamble: kvAccessor('q8', dim),
      constants: { wg: laneCount(list.gpu) },
    },
    tensors: [from, to],
    words: [rows, x, kvRowWords('f16', dim) / 2],
    groups: [x, groupCount(rows, x)],
  });
}
