import { describe, expect, test } from 'vitest';
import { limits } from '../../../../engine/protocol/limits.ts';
import {
  kvFormatAt,
  kvFormatFor,
  kvNextPages,
  kvPageLayout,
  kvPagesFor,
  kvPagesMost,
  kvPagesOfText,
  kvPlanFor,
  kvPlanWithin,
  kvRowWords,
  kvTableEntries,
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
    // As many pages: of 128 positions in halves, of 256 in codes.
    expect(plan(100_000)).toEqual({ short: 'f16', shortTokensMax: 391 * 128, long: 'q8' });
    expect(plan(262_144, 48)).toEqual({ short: 'f16', shortTokensMax: 262_144, long: 'f16' });
    expect(kvPlanFor(262_144, 256, 'q8')).toEqual({ short: 'q8', shortTokensMax: 262_144, long: 'q8' });
    expect([1, 65_536, 65_537].map(used => kvFormatAt(plan(262_144), used))).toEqual(['f16', 'f16', 'q8']);
  });

  test('pages are equally large in both formats of a plan, and as little as possible of them is left empty', () => {
    expect(kvPageLayout({ short: 'f16', long: 'f16' }, 256)).toEqual({
      headWords: 128 * 128,
      short: 128,
      long: 128,
    });
    // Of 128 halves and of 256 codes.
    expect(kvPageLayout({ short: 'f16', long: 'q8' }, 256)).toEqual({
      headWords: 256 * 68,
      short: 128,
      long: 256,
    });
    expect(kvPageLayout({ short: 'f16', long: 'q8' }, 32)).toEqual({
      headWords: 128 * 16,
      short: 128,
      long: 128,
    });
  });

  test('a text takes whole pages, and its table has an entry for each', () => {
    const plan = kvPlanFor(100_000, 256);
    expect([1, 128, 129, 50_048, 50_049].map(tokens => kvPagesFor(plan, 256, tokens))).toEqual([
      1, 1, 2, 391, 196,
    ]);
    expect(kvPagesOfText(plan, 256, 100_000)).toBe(391);
    expect(kvTableEntries(plan, 100_000)).toBe(782);
    // Two conversations, a completion of 4352 tokens in halves, and one page more of each.
    expect(kvPagesMost(plan, 256, 100_000)).toBe(2 * 392 + 35);
  });

  test('the room doubles up to the most that is kept, and beyond that to what is needed', () => {
    expect(kvNextPages(2, 3, 100)).toBe(4);
    expect(kvNextPages(2, 9, 100)).toBe(9);
    expect(kvNextPages(64, 65, 100)).toBe(100);
    expect(kvNextPages(100, 101, 100)).toBe(101);
  });
});

test('a text that goes on in 8 bits has room for its halves and its codes in one tensor', () => {
  for (const pages of [40, 257, 481, 600, 767, 5_000]) {
    const plan = kvPlanWithin(kvPlanFor(123_136, 256), 256, pages);
    const { long } = kvPageLayout(plan, 256);
    const last = plan.shortTokensMax;
    const next = Math.ceil((last + limits.prefillBatchTokensMax) / long);
    expect(kvPagesFor(plan, 256, last) + next).toBeLessThanOrEqual(pages);
  }
  // Where there is room, and in one format, nothing changes.
  const roomy = kvPlanFor(123_136, 256);
  expect(kvPlanWithin(roomy, 256, 5_000)).toEqual(roomy);
  expect(kvPlanWithin(kvPlanFor(30_000, 256), 256, 1)).toEqual(kvPlanFor(30_000, 256));
});
