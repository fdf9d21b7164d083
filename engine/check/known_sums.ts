// What is known of products with weights of every storage type: some blocks, some activations, and the sums of their products, which
// the reference decoders computed in double precision (test/engine/check/known_sums.test.ts makes the file anew).
import type { WeightFormat } from '../kernels/weight_matrix.ts';
import stored from './known_sums.json' with { type: 'json' };

export interface KnownBlocks {
  /** Elements of a block; for a plain format, of a few neighbours. */
  elements: number;
  /** The blocks one after another, as a file stores them; a scale that a file keeps apart follows its block. */
  bytes: Uint8Array<ArrayBuffer>;
  /** sums[block][pattern]: the block's values times the beginning of the pattern. */
  sums: readonly (readonly number[])[];
}

/**
 * Activations of a block. Every 16 neighbours have the same magnitudes in another order and with other signs, so that any row
 * put together from patterns has the same mean square.
 */
export const patterns: readonly Float32Array<ArrayBuffer>[] = stored.patterns.map(values =>
  Float32Array.from(values),
);

/** What is known of a storage type. */
export function knownBlocks(format: WeightFormat): KnownBlocks {
  const { elements, bytes, sums } = stored.formats[format];
  return { elements, bytes: new Uint8Array(Buffer.from(bytes, 'base64')), sums };
}
