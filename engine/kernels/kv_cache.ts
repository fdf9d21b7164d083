// How keys and values are stored, and the WGSL that finds, reads and writes their rows (kv/*.wgsl).
import type { GpuTensor } from '../gpu/tensor.ts';
import type { KvFormat } from '../shared/architecture/kv_format.ts';
import f16 from './kv/f16.wgsl';
import f32 from './kv/f32.wgsl';
import pages from './kv/pages.wgsl';
import q8 from './kv/q8.wgsl';

export { kvFits, kvRowWords, type KvFormat } from '../shared/architecture/kv_format.ts';

/** A page of keys, or of values, of one layer: `positions` of them, rows [positions, kvHeads], and room up to `words`. */
export interface KvPage {
  /** A power of two, at least 128 (shared/architecture/kv_format.ts): whatever kernels take keys by lies in one page. */
  positions: number;
  words: number;
}

/**
 * Keys (normed, rotated) and values of one layer: pages, in which a row has kvRowWords(format, dim) words. table: u32, the page that
 * holds positions n * page.positions and the following of a text.
 */
export interface KvCache {
  format: KvFormat;
  page: KvPage;
  keys: GpuTensor;
  values: GpuTensor;
  table: GpuTensor;
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
 * Preamble: D4, KvLoad, KV_UNIT, and for caches bound as array<KvLoad> kv_quad(cache, row_at, quad), kv_unit(cache, row_at, unit),
 * KV_ROW loads of a row, kv_piece(load, scales, piece) with kv_piece_at and kv_scale_at, which of them hold a piece and its scale, and
 * kv_write(cache, row_at, x, lane, lanes) for those bound as array<u32>.
 */
export function kvRowAccessor(format: KvFormat, dim: number): string {
  return `const D4 = ${dim / 4}u;\n${{ f32, f16, q8 }[format]}`;
}

/** The same, and kv_at(position, head, heads), the row_at of a head at a position; it binds the table, after the kernel's own tensors. */
export function kvAccessor({ format, page }: Pick<KvCache, 'format' | 'page'>, dim: number): string {
  return `${pageSizes(page)}${kvRowAccessor(format, dim)}${pages}`;
}

/** Preamble: KV_PAGE positions of a page, and KV_PAGE_LOADS from one page to the next. */
function pageSizes({ positions, words }: KvPage): string {
  return `const KV_PAGE = ${positions}u;\nconst KV_PAGE_LOADS = ${words / 4}u;\n`;
}
