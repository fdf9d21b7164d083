// Rows times the matrices of their experts, grouped by expert: picks the kernel by the rows of a tile and the device.
import type { TunedVariant } from '../gpu/device.ts';
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { tileRows } from './matmul_tile.ts';
import type { ExpertLists, MoeMatmulOptions } from './moe_lists.ts';
import { blockOutputGroups, blockTileRows, moeMatmulBlock } from './moe_matmul_block.ts';
import { moeMatmulShuffle } from './moe_matmul_shuffle.ts';
import { moeMatmulTile } from './moe_matmul_tile.ts';
import { moeMatmulVec } from './moe_matmul_vec.ts';
import type { WeightMatrix } from './weight_matrix.ts';

const tileFill = 0.6;

/** Rows a tile of the lists should hold for a batch of `count` tokens, each with `used` of so many experts. */
export function expertTileRows(
  { variant }: { variant: Pick<TunedVariant, 'matmul'> },
  { count, used, experts }: { count: number; used: number; experts: number },
): number {
  if (count === 1) return 1;
  if (variant.matmul !== 'block') return tileRows;
  // The largest tile that experts fill by so much on average: every tile decodes its weights anew, which costs more than empty rows.
  return Math.max(...blockTileRows.filter((rows, i) => i === 0 || count * used >= tileFill * rows * experts));
}

/** Workgroups over outputs that moe_lists is to write for moeMatmul; 0 where it does not ask for them and goes over all tiles. */
export function expertOutputGroups(
  { variant }: { variant: Pick<TunedVariant, 'matmul'> },
  tileRows: number,
  outputs: number,
): number {
  return variant.matmul === 'block' && tileRows > 1 ? blockOutputGroups(tileRows, outputs) : 0;
}

/**
 * y[entry] = W[expert(entry)] x[entry / xDivisor]. W holds all experts' [outputs, K] matrices one after another;
 * x f32 [*, K]; y f32 [entries, outputs]. Parts of W hold whole experts. lists.tileRows is what expertTileRows says.
 */
export function moeMatmul(
  list: CommandList,
  x: GpuTensor,
  w: WeightMatrix,
  lists: ExpertLists,
  y: GpuTensor,
  options: MoeMatmulOptions,
): void {
  const batch = { tile: moeMatmulTile, shuffle: moeMatmulShuffle, block: moeMatmulBlock }[
    list.gpu.variant.matmul
  ];
  (lists.tileRows === 1 ? moeMatmulVec : batch)(list, x, w, lists, y, options);
}
