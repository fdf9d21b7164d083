import { describe, expect, test } from 'vitest';
import {
  candidateWords as words,
  headerWords as header,
  listedMax,
  sliceCount as slices,
} from '../../../engine/kernels/candidates.ts';
import { rowCandidates } from '../../../engine/kernels/row_candidates.ts';
import { rowPeaks } from '../../../engine/kernels/row_peaks.ts';
import { drawRule, weightOfLargest } from '../../../engine/language_model/sampling.ts';
import { keyOf } from '../../reference/row_peaks.ts';
import { rowCandidates as reference, type CandidateRule } from '../../reference/row_candidates.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { describeKernel, poisonWord, type GpuFixture } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';

/** Header, list and what is behind it, for each row. */
async function run(f: GpuFixture, x: Float32Array<ArrayBuffer>, count: number, asked: CandidateRule) {
  const width = x.length / count;
  const found = f.poisonedWords(count * words, 'found');
  const logits = f.upload(x);
  const rule = drawRule(asked)!;
  await f.run(list => {
    rowPeaks(list, logits, found, { count, width });
    rowCandidates(list, logits, found, { count, width, rule });
  });
  const got = await f.words(found);
  return Array.from({ length: count }, (_, t) => {
    const row = got.subarray(t * words, (t + 1) * words);
    const mass = (at: number) => (row[at]! + row[at + 1]! * 2 ** 32) / weightOfLargest;
    return {
      listedCount: row[0]!,
      masses: [mass(1), mass(4), mass(6)],
      allCount: row[3],
      topKey: row[8],
      ids: [...row.subarray(header + slices, header + slices + Math.min(row[0]!, listedMax))],
      behind: [...row.subarray(header + slices + row[0]!)],
    };
  });
}

const rules: CandidateRule[] = [
  { temperature: 1, topK: 0, minP: 0 },
  { temperature: 0.6, topK: 20, minP: 0 },
  { temperature: 1.5, topK: 1, minP: 0.1 },
  { temperature: 0.3, topK: 5000, minP: 0.02 },
  { temperature: 0.2, topK: 32, minP: 1 },
];

describeKernel('row_candidates', fixture => {
  describe.each([1, 3, 64, 1000, 8193])('of %i values', width => {
    test.each(rules)('counts, weighs and lists by %j', async asked => {
      const f = fixture();
      const count = 3;
      const x = new Random(width).normal(count * width, 4);
      const got = await run(f, x, count, asked);
      for (const [t, row] of got.entries()) {
        const values = x.subarray(t * width, (t + 1) * width);
        const want = reference(values, { ...asked, slices });
        expect(row.ids.sort((a, b) => a - b)).toEqual(want.listed);
        expect(row.listedCount).toBe(want.listed.length);
        expect(row.behind.every(word => word === poisonWord)).toBe(true);
        expect(row.allCount).toBe(want.allCount);
        expect(row.topKey).toBe(keyOf(Math.max(...values)));
        expectClose(
          row.masses,
          [want.listedWeight, want.allWeight, want.leastWeight],
          tolerances.sum,
          'weights',
        );
      }
    });
  });

  test('sums of weights pass 32 bits, and ids past the list are counted', async () => {
    const width = 20_001;
    const asked = { temperature: 1, topK: 0, minP: 0.5 };
    const [row] = await run(fixture(), new Float32Array(width).fill(2.5), 1, asked);
    expect(row).toMatchObject({ listedCount: width, allCount: width, masses: [width, width, width] });
    expect(new Set(row!.ids).size).toBe(listedMax);
  });

  test('what is -Infinity is never a candidate, and a row with NaN has none', async () => {
    const x = Float32Array.from([-Infinity, 1, -Infinity, 0.5, NaN, 1, 2, 3]);
    const [first, second] = await run(fixture(), x, 2, { temperature: 1e30, topK: 0, minP: 0 });
    expect(first!.ids.sort()).toEqual([1, 3]);
    expect(second).toMatchObject({ allCount: 0, topKey: 0xffffffff });
  });
});
