import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addRange,
  countBytes,
  missingPieces,
  type ByteRange,
} from '../../../../extension/models/transfer/byte_ranges.ts';

const total = 60;
const ranges = fc.array(
  fc.tuple(fc.nat(total), fc.nat(total)).map(([a, b]) => ({ start: Math.min(a, b), end: Math.max(a, b) })),
);

/** The same set as a list of flags. */
function flags(set: readonly ByteRange[]): boolean[] {
  return Array.from({ length: total }, (_, at) => set.some(({ start, end }) => start <= at && at < end));
}

describe('byte ranges', () => {
  test('hold exactly what was added, sorted and apart', () => {
    fc.assert(
      fc.property(ranges, added => {
        const set = added.reduce<ByteRange[]>(addRange, []);
        expect(flags(set)).toEqual(flags(added));
        expect(countBytes(set)).toBe(flags(added).filter(Boolean).length);
        for (const [i, { start, end }] of set.entries()) {
          expect(start).toBeLessThan(end);
          expect(start).toBeGreaterThan(set[i - 1]?.end ?? -1);
        }
      }),
    );
  });

  test('lack exactly what is missing, in pieces of a bounded length', () => {
    fc.assert(
      fc.property(ranges, fc.integer({ min: 1, max: 20 }), (added, piece) => {
        const set = added.reduce<ByteRange[]>(addRange, []);
        const missing = missingPieces(set, total, piece);
        expect(flags(missing)).toEqual(flags(set).map(there => !there));
        expect(missing.every(({ start, end }) => start < end && end - start <= piece)).toBe(true);
        expect(countBytes(missing) + countBytes(set)).toBe(total);
      }),
    );
  });
});
