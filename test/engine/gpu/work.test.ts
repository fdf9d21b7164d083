// The estimate of work: it finds the speeds of a device whose speeds it does not know, from submissions that mix kinds of work.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WorkEstimate, type PlainTimes } from '../../../engine/gpu/work.ts';
import { workKinds, type WorkKind } from '../../../engine/shared/prediction/cost.ts';
import { rowPieces } from '../../../engine/kernels/work.ts';

/** Submissions of a device whose kinds of work take `factors` times what was first guessed. */
function learn(factors: Record<WorkKind, number>, mixes: readonly Partial<Record<WorkKind, number>>[]) {
  const estimate = new WorkEstimate({ software: false });
  for (const mix of mixes) {
    const plain: PlainTimes = new Map(Object.entries(mix) as [WorkKind, number][]);
    const measured = [...plain].reduce((sum, [kind, ms]) => sum + ms * factors[kind], 0);
    estimate.learn(plain, measured);
  }
  return estimate;
}

describe('learn', () => {
  test('mixed submissions end in the factor of each kind', () => {
    const factors = { products: 0.1, experts: 0.4, attention: 3, recurrence: 0.5, rows: 1 };
    const mixes = Array.from({ length: 400 }, (_, i) => ({
      products: 10 + (i % 7) * 10,
      experts: 10 + (i % 3) * 20,
      attention: 1 + (i % 11) * 3,
      recurrence: 5 * (i % 2),
      rows: 1,
    }));
    const estimate = learn(factors, mixes);
    for (const mix of mixes.slice(0, 20)) {
      const plain: PlainTimes = new Map(Object.entries(mix) as [WorkKind, number][]);
      const real = [...plain].reduce((sum, [kind, ms]) => sum + ms * factors[kind], 0);
      expect(estimate.total(plain) / real).toBeGreaterThan(0.9);
      expect(estimate.total(plain) / real).toBeLessThan(1.1);
    }
  });

  test('what did not run is not corrected', () => {
    const factors = { products: 5, experts: 5, attention: 5, recurrence: 5, rows: 5 };
    const estimate = learn(factors, [{ products: 10 }, { products: 10 }]);
    expect(estimate.factor('products')).toBeGreaterThan(1);
    expect(estimate.factor('attention')).toBe(1);
  });

  test('one wild measurement does not carry it away, and nonsense changes nothing', () => {
    const estimate = new WorkEstimate({ software: false });
    const plain: PlainTimes = new Map([['products', 10]]);
    estimate.learn(plain, 1e9);
    expect(estimate.factor('products')).toBeLessThanOrEqual(2);
    const before = estimate.factor('products');
    for (const measured of [0, -1, NaN]) estimate.learn(plain, measured);
    estimate.learn(new Map(), 5);
    expect(estimate.factor('products')).toBe(before);
  });

  test('an estimate that learns nothing stays as it is', () => {
    const estimate = new WorkEstimate({ software: true }, { learns: false });
    estimate.learn(new Map([['products', 10]]), 1000);
    expect(workKinds.map(kind => estimate.factor(kind))).toEqual([1, 1, 1, 1, 1]);
  });
});

test('rows are cut into whole multiples that cover them, none with more work than a submission may hold', () => {
  const estimate = new WorkEstimate({ software: false }, { learns: false });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3000 }),
      fc.constantFrom(1, 8, 64),
      fc.double({ min: 0.02, max: 50, noNaN: true }),
      (count, multiple, budgetMs) => {
        const work = (piece: { first: number; count: number }) => ({
          kind: 'products' as const,
          operations: piece.count * (piece.first + piece.count) * 1e4,
          bytes: 0,
        });
        const submissions = { budgetMs } as Parameters<typeof rowPieces>[0]['submissions'];
        const pieces = rowPieces({ estimate, submissions }, { count, multiple }, work);
        let at = 0;
        for (const piece of pieces) {
          expect(piece.first).toBe(at);
          expect(piece.first % multiple).toBe(0);
          expect(piece.count <= multiple || estimate.ms(work(piece)) <= budgetMs).toBe(true);
          at += piece.count;
        }
        expect(at).toBe(count);
      },
    ),
  );
});
