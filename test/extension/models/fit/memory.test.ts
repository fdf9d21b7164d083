// The figures are computed by hand from docs/MODEL.md 13, for the 80B model: a token of context has 12,288
// numbers in the 12 attention layers and 1,024 in the block for multi-token prediction.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseCatalogue } from '../../../../engine/shared/architecture/catalogue.ts';
import {
  cacheBytes,
  fixedBytes,
  hasRoomFor,
  longestContext,
} from '../../../../extension/models/fit/memory.ts';
import { positionBytes, workingSetBytes } from '../../../../engine/shared/architecture/footprint.ts';
import type { ModelShape } from '../../../../engine/shared/architecture/shape.ts';

const path = new URL('../../../../media/catalogue.json', import.meta.url);
const catalogue = parseCatalogue(readFileSync(path, 'utf8'), 'catalogue.json');
const shape = catalogue.find(({ id }) => id === 'qwen3-next-80b-a3b-instruct')?.shape as ModelShape;
const unbounded = { roomBytes: Infinity, bufferBytes: Infinity };

describe('memory beside the weights', () => {
  test('keeps keys and values in halves, and in 8 bits with their scales in a long context', () => {
    expect(positionBytes(shape, 65_536, 12)).toBe(24_576);
    expect(positionBytes(shape, 65_536, 1)).toBe(2048);
    expect(positionBytes(shape, 65_537, 12)).toBe(12_288 + 768);
    expect(32_768 * positionBytes(shape, 32_768, 12)).toBe(805_306_368);
  });

  test('holds a state with its ring for each of three texts, and the snapshots up to their bound', () => {
    const state = 75_497_472;
    const row = 36 * 12_352 * 4;
    // The block for drafts has 16 hidden states of 2048 numbers, one of them in a snapshot, the states before the last step, and 4 words
    // for how many drafts were right; 32 ids go with every text.
    const hidden = 2048 * 4;
    const text = 2 * state + 16 * row + 16 * hidden + 128 + 16;
    const snapshot = state + 3 * row + hidden;
    // Activations for batches of 2,048 rows, for 512 that come between, and for single steps; two states to go back to.
    const working = workingSetBytes(shape, 2048);
    expect(working).toBeGreaterThan(0.9e9);
    expect(working).toBeLessThan(1.3e9);
    expect(fixedBytes(shape)).toBe(230e6 + working + 3 * text + 2 ** 30 + snapshot);
  });

  test('holds no more snapshots of a small model than its texts may have', () => {
    const small = { ...shape, layers: 4, attentionLayers: 1 };
    const state = (75_497_472 * 3) / 36;
    const row = 3 * 12_352 * 4;
    const hidden = 2048 * 4;
    const text = 2 * state + 16 * row + 16 * hidden + 128 + 16;
    const snapshot = state + 3 * row + hidden;
    expect(fixedBytes(small)).toBe(230e6 + workingSetBytes(small, 2048) + 3 * text + (3 * 16 + 1) * snapshot);
  });

  // Two conversations of this length and what a completion reads, 4,352 tokens in halves, with a page more of each; where the context is
  // kept in 8 bits, what a text of 65,537 tokens becomes. A page of keys has 2 heads: 128 rows of 128 words, or 256 of 68. Thirteen layers
  // have keys and values; those of one are there twice when they grow. Each text has a table.
  test.each([
    [8192, 64, 0, 128 * 128],
    [32_768, 256, 0, 128 * 128],
    [131_072, 512, 257, 256 * 68],
    [262_144, 1024, 257, 256 * 68],
    [1_010_000, 3946, 257, 256 * 68],
  ])('a context of %i tokens takes %i pages a conversation', (tokens, pages, converting, headWords) => {
    const all = 2 * (pages + 1) + 35 + converting;
    const tables = 3 * 4 * Math.ceil(tokens / 128);
    expect(cacheBytes(shape, tokens)).toBe(all * (2 * 13 + 1) * 2 * 4 * headWords + tables);
  });

  test('a conversation in halves never takes more than one at the end of the context', () => {
    for (const context of [65_537, 70_000, 100_352, 131_072, 262_144])
      for (let used = 256; used <= context; used *= 2)
        expect(used * positionBytes(shape, context, 13, used)).toBeLessThanOrEqual(
          context * positionBytes(shape, context, 13),
        );
  });

  test('leaves no room for a block that the files are known not to have', () => {
    expect(cacheBytes({ ...shape, mtpLayers: 0 }, 8192)).toBe(165 * 25 * 131_072 + 3 * 4 * 64);
  });

  test('finds the longest context in memory and in a buffer', () => {
    expect(longestContext(shape, 262_144, unbounded)).toBe(262_144);
    const room = { ...unbounded, roomBytes: cacheBytes(shape, 8192) };
    expect(longestContext(shape, 262_144, room)).toBe(8192);
    expect(longestContext(shape, 262_144, { ...unbounded, roomBytes: -1 })).toBe(0);
    expect(longestContext(shape, 262_144, { ...unbounded, bufferBytes: 1024 * 40_000 })).toBe(73 * 1024);
    // Less than 65,537 tokens in 8 bits: then in halves, twice as long a row.
    expect(longestContext(shape, 262_144, { ...unbounded, bufferBytes: 1024 * 30_000 })).toBe(29 * 1024);
  });

  test('a little more than 65,536 tokens takes less memory than they do', () => {
    const room = { ...unbounded, roomBytes: cacheBytes(shape, 65_536) - 1 };
    expect(hasRoomFor(shape, 65_536, room)).toBe(false);
    expect(longestContext(shape, 262_144, room)).toBe(96 * 1024);
    expect(hasRoomFor(shape, 96 * 1024, room)).toBe(true);
    expect(hasRoomFor(shape, 97 * 1024, room)).toBe(false);
  });
});
