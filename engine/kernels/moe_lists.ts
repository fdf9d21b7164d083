// Kernel moe_lists: groups the chosen (row, slot) entries by expert.
import type { Gpu } from '../gpu/device.ts';
import type { CommandList } from '../gpu/dispatch.ts';
import type { IndirectGroups } from '../gpu/encoded_kernel.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import source from './moe_lists.wgsl';
import { overValues } from './work.ts';

/** Where moe_lists writes and moe_matmul reads. */
export interface ExpertLists {
  /** u32 [entries]. */
  order: GpuTensor;
  /** u32 [tileCount max, 4]. */
  tiles: GpuTensor;
  /** u32 [launchCount, 3], a tensor for indirect dispatches: workgroups of the products, with no more tiles than are used. */
  launches: GpuTensor;
  tileRows: number;
  /** Tiles there may be: enough for any routing. */
  tileCount: number;
  /** Tiles there are when all experts are chosen equally often. */
  tilesUsual: number;
}

/** One product over the lists (moe_matmul.ts). */
export interface MoeMatmulOptions {
  /** Rows of one expert's matrix. */
  outputs: number;
  /** Entries that share a row of x: experts per token, or 1. */
  xDivisor: number;
  /** Its place in `launches`. */
  product: 0 | 1;
}

/** Products that follow the lists: into the experts, and out of them. */
export const launchCount = 2;

/** Where the workgroups of a product are written, of which so many go over the outputs of a tile. */
export function launchOf(
  { launches, tilesUsual }: ExpertLists,
  product: number,
  outputGroups: number,
): IndirectGroups {
  return { tensor: launches, byteOffset: 12 * product, usual: tilesUsual * outputGroups };
}

/** Upper bound of tiles of `entries` entries over `experts` experts. */
export function tileCountMax(entries: number, experts: number, tileRows: number): number {
  return Math.floor(entries / tileRows) + Math.min(entries, experts);
}

/** The mean number of tiles when each of `entries` goes to any of the experts, one as likely as another (Poisson). */
export function tilesExpected(entries: number, experts: number, tileRows: number): number {
  const mean = entries / experts;
  // Of an expert with n entries, ceil(n / tileRows): one tile for each multiple of tileRows below n.
  let tiles = 0;
  let [n, chance, below] = [0, Math.exp(-mean), 0];
  for (let multiple = 0; multiple < entries; multiple += tileRows) {
    for (; n <= multiple; chance *= mean / ++n) below += chance;
    if (below >= 1 - 1e-9) break;
    tiles += 1 - below;
  }
  return experts * tiles;
}

export interface ListsOptions {
  entries: number;
  experts: number;
  used: number;
  slots: number;
  outputGroups: readonly [number, number];
}

/**
 * choice u32 [rows, slots, 2] of moe_route, of which the first `used` slots count; their ids are below `experts`. entries = rows * used.
 * outputGroups: workgroups over outputs of each product.
 */
export function moeLists(
  list: CommandList,
  choice: GpuTensor,
  lists: ExpertLists,
  { entries, experts, used, slots, outputGroups }: ListsOptions,
): void {
  const { lanes, words } = listsPlan(list.gpu, experts);
  list.dispatch({
    spec: {
      name: 'moe_lists',
      source,
      preamble: `const EXPERTS = ${experts}u;\nconst LANES = ${lanes}u;\nconst WORDS = ${words}u;\n`,
    },
    tensors: [choice, lists.order, lists.tiles, lists.launches],
    words: [entries, lists.tileRows, lists.tileCount, used, slots, ...outputGroups],
    groups: [1],
    work: overValues(entries + experts),
  });
}

/** Lanes of the workgroup, as many as there is room for masks of, and the words of a mask. */
function listsPlan(gpu: Gpu, experts: number): { lanes: number; words: number } {
  const { invocationsPerWorkgroupMax, workgroupMemoryBytesMax } = gpu.limits;
  let lanes = gpu.software ? 8 : 256;
  const words = () => Math.ceil(lanes / 32);
  const bytes = () => 4 * experts * (words() + 1) + 8 * lanes;
  while (lanes > 1 && (lanes > invocationsPerWorkgroupMax || bytes() > workgroupMemoryBytesMax)) lanes /= 2;
  return { lanes, words: words() };
}
