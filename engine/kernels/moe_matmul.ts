// Rows times the matrices of their experts, grouped by expert: picks the kernel by the rows of a tile and the device.
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { tileRows } from './matmul_tile.ts';
import type { ExpertLists } from './moe_lists.ts';
import { moeMatmulShuffle } from './moe_matmul_shuffle.ts';
import { moeMatmulTile } from './moe_matmul_tile.ts';
import { moeMatmulVec } from './moe_matmul_vec.ts';
import type { WeightMatrix } from './weight_matrix.ts';

/** outputs: rows of one expert's matrix. xDivisor: entries that share a row of x (experts per token, or 1). */
export interface MoeMatmulOptions {
  outputs: number;
  xDivisor: number;
}

/** Rows a tile of the lists should hold for a batch of `count` tokens. */
export function expertTileRows(count: number): number {
  return count === 1 ? 1 : tileRows;
}

/**
 * y[entry] = W[expert(entry)] x[entry / xDivisor]. W holds all experts' [outputs, K] matrices one after another;
 * x f32 [*, K]; y f32 [entries, outputs]. Parts of W hold whole experts. lists.tileRows is 1 or matmul_tile's tileRows.
 */
export function moeMatmul(
  list: CommandList,
  x: GpuTensor,
  w: WeightMatrix,
  lists: ExpertLists,
  y: GpuTensor,
  options: MoeMatmulOptions,
): void {
  const batch = list.gpu.variant.matmul === 'shuffle' ? moeMatmulShuffle : moeMatmulTile;
  (lists.tileRows === 1 ? moeMatmulVec : batch)(list, x, w, lists, y, options);
}
