import { describe, expect, test } from 'vitest';
import {
  kvFirstCapacity,
  kvFormatAt,
  kvFormatFor,
  kvNextCapacity,
  kvPlanFor,
  kvPositionsAtGrowth,
  kvRowWords,
} from '../../../../engine/shared/architecture/kv_format.ts';

describe('how keys and values are kept', () => {
  test('a context of up to 65,536 tokens takes halves, a longer one 8 bits', () => {
    expect(kvFormatFor(65_536, 256)).toBe('f16');
    expect(kvFormatFor(65_537, 256)).toBe('q8');
    expect(kvFormatFor(65_537, 256, 'f32')).toBe('f32');
  });

  test('heads that are not whole groups of 32 stay in halves', () => {
    expect(kvFormatFor(1_010_000, 48)).toBe('f16');
    expect(kvFormatFor(100, 48, 'q8')).toBe('f16');
  });

  // Of 256 numbers: 1024, 512, and 256 bytes with a scale of two bytes for each 32, in whole 16 bytes.
  test.each([
    ['f32', 256, 256],
    ['f16', 256, 128],
    ['q8', 256, 68],
    ['q8', 64, 20],
    ['f16', 20, 12],
  ] as const)('a row of %s with %i numbers has %i words', (format, dim, words) => {
    expect(kvRowWords(format, dim)).toBe(words);
  });

  test('a long context begins in halves, for as long as they take no more room than its end', () => {
    const plan = (tokens: number, dim = 256) => kvPlanFor(tokens, dim);
    expect(plan(65_536)).toEqual({ short: 'f16', shortTokensMax: 65_536, long: 'f16' });
    expect(plan(262_144)).toEqual({ short: 'f16', shortTokensMax: 65_536, long: 'q8' });
    // 68 words of codes and scales to 128 of halves.
    expect(plan(100_000)).toEqual({ short: 'f16', shortTokensMax: 53_125, long: 'q8' });
    expect(plan(262_144, 48)).toEqual({ short: 'f16', shortTokensMax: 262_144, long: 'f16' });
    expect(kvPlanFor(262_144, 256, 'q8')).toEqual({ short: 'q8', shortTokensMax: 262_144, long: 'q8' });
    expect([1, 65_536, 65_537].map(used => kvFormatAt(plan(262_144), used))).toEqual(['f16', 'f16', 'q8']);
  });

  test('the room doubles up to the context', () => {
    expect(kvFirstCapacity(100)).toBe(100);
    expect(kvFirstCapacity(1000)).toBe(256);
    expect(kvNextCapacity(256, 257, 1000)).toBe(512);
    expect(kvNextCapacity(512, 640, 1000)).toBe(1000);
    expect(kvNextCapacity(256, 900, 1000)).toBe(900);
  });

  test('at the last growth the room before is there beside the new one', () => {
    expect(kvPositionsAtGrowth(1000, 1000)).toEqual({ before: 512, after: 1000 });
    expect(kvPositionsAtGrowth(262_144, 262_144)).toEqual({ before: 131_072, after: 262_144 });
    expect(kvPositionsAtGrowth(4192, 32_768)).toEqual({ before: 4096, after: 8192 });
    expect(kvPositionsAtGrowth(100, 32_768)).toEqual({ before: 0, after: 256 });
  });
});
