// Kernel kv_narrow: rows of a text's keys or values in halves, written anew in 8 bits into other pages.
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { kvRowAccessor, kvRowWords } from './kv_cache.ts';
import source from './kv_narrow.wgsl';
import { groupCount, laneCount } from './launch.ts';
import { overValues } from './work.ts';

/** More rows than a dimension takes are folded into lines of so many workgroups. */
const groupsX = 1024;

/**
 * cache: pages of keys, or of values, of a layer; tables: u32, pages of halves of a text, and from codesFrom on as many pages as its rows
 * take in 8 bits. Of its first `positions` positions all rows are written there, `heads` of `dim` values each, dim a multiple of 32.
 */
export function kvNarrow(
  list: CommandList,
  { cache, tables }: { cache: GpuTensor; tables: GpuTensor },
  {
    positions,
    heads,
    dim,
    page,
    codesFrom,
  }: {
    positions: number;
    heads: number;
    dim: number;
    /** Words of a page, and its positions in halves and in codes. */
    page: { words: number; halves: number; codes: number };
    codesFrom: number;
  },
): void {
  const rows = positions * heads;
  const x = Math.min(rows, groupsX);
  list.dispatch({
    spec: {
      name: 'kv_narrow',
      source,
      preamble: kvRowAccessor('q8', dim),
      constants: { wg: laneCount(list.gpu) },
    },
    tensors: [cache, tables],
    words: [rows, x, heads, kvRowWords('f16', dim), page.words, page.halves, page.codes, codesFrom],
    groups: [x, groupCount(rows, x)],
    work: overValues(rows * dim),
  });
}
