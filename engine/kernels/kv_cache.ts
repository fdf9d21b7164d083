// How keys and values are stored, and the WGSL that reads and writes their rows (kv/*.wgsl).
import type { GpuTensor } from '../gpu/tensor.ts';
import type { KvFormat } from '../shared/architecture/kv_format.ts';
import f16 from './kv/f16.wgsl';
import f32 from './kv/f32.wgsl';
import q8 from './kv/q8.wgsl';

export { kvFits, kvRowWords, type KvFormat } from '../shared/architecture/kv_format.ts';

/** Keys (normed, rotated) and values of one layer: rows [capacity, kvHeads] of kvRowWords(format, dim) words each. */
export interface KvCache {
  format: KvFormat;
  keys: GpuTensor;
  values: GpuTensor;
}

/** Units a row of kv_unit has. */
export function kvUnits(format: KvFormat, dim: number): number {
  return Math.ceil(dim / { f32: 4, f16: 8, q8: 32 }[format]);
}

/** Quads of a piece of kv_piece: what a lane of a team holds at a time. */
export function kvPieceQuads(format: KvFormat): number {
  return format === 'f32' ? 1 : 2;
}

/**
 * Preamble: D4, and KvLoad, KV_UNIT, kv_quad(cache, row, quad), kv_unit(cache, row, unit) for caches bound as array<KvLoad>,
 * KV_ROW loads of a row, kv_piece(load, scales, piece) with kv_piece_at and kv_scale_at, which of them hold a piece and its scale, and
 * kv_write(cache, row, x, lane, lanes) for those bound as array<u32>. Row: position * kvHeads + head.
 */
export function kvAccessor(format: KvFormat, dim: number): string {
  return `const D4 = ${dim / 4}u;\n${{ f32, f16, q8 }[format]}`;
}
