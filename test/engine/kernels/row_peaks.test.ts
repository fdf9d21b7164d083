import { expect, test } from 'vitest';
import {
  candidateWords,
  headerWords as header,
  sliceCount as slices,
} from '../../../engine/kernels/candidates.ts';
import { rowPeaks } from '../../../engine/kernels/row_peaks.ts';
import { keyOf, rowPeaks as reference } from '../../reference/row_peaks.ts';
import { describeKernel, poisonWord } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';

describeKernel('row_peaks', fixture => {
  test.each([1, 5, 127, 128, 1000, 8193, 151_936])('finds the peaks of %i values', async width => {
    const f = fixture();
    const words = candidateWords;
    const count = width > 10_000 ? 2 : 5;
    const x = new Random(width).normal(count * width, 10);
    const found = f.poisonedWords(count * words + 1, 'found');
    await f.run(list => rowPeaks(list, f.upload(x), found, { count, width }));
    const got = await f.words(found);
    const want = reference(x, { count, width, slices });
    for (let t = 0; t < count; t++) {
      const row = [...got.subarray(t * words, (t + 1) * words)];
      expect(row.slice(0, header), 'counters').toEqual(new Array<number>(header).fill(0));
      expect(row.slice(header, header + slices)).toEqual(want[t]);
      expect(new Set(row.slice(header + slices)), 'the list is left alone').toEqual(new Set([poisonWord]));
    }
    expect(got.at(-1)).toBe(poisonWord);
  });

  test('keys order as values do, NaN above all, zeros alike', async () => {
    const f = fixture();
    const values = [-Infinity, -3.4e38, -2, -1e-30, -0, 0, 1e-30, 0.5, 7, 3.4e38, Infinity, NaN];
    const keys = values.map(keyOf);
    expect([...keys].sort((a, b) => a - b)).toEqual(keys);
    expect(keyOf(-0)).toBe(keyOf(0));
    // One slice holds one value, others none.
    const found = f.poisonedWords(candidateWords, 'found');
    const x = f.upload(Float32Array.from(values));
    await f.run(list => rowPeaks(list, x, found, { count: 1, width: values.length }));
    const got = [...(await f.words(found)).subarray(header, header + slices)];
    expect(got).toEqual([...keys, ...new Array<number>(slices - keys.length).fill(0)]);
  });
});
