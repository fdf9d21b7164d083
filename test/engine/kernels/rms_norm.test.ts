import { expect, test } from 'vitest';
import { rmsNorm } from '../../../engine/kernels/rms_norm.ts';
import { rmsNorm as reference } from '../../reference/rms_norm.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';

const shapes = [
  { name: 'the smallest row', count: 1, n: 4, firstRow: 0 },
  { name: 'one row of a real model', count: 1, n: 2048, firstRow: 0 },
  { name: 'rows of no power of two', count: 63, n: 252, firstRow: 0 },
  { name: 'only the last rows', count: 2, n: 260, firstRow: 5 },
];

describeKernel('rms_norm', fixture => {
  test.each(shapes)('norms $name', async ({ count, n, firstRow }) => {
    const f = fixture();
    const random = new Random(n + count);
    const x = random.normal((firstRow + count) * n);
    const weight = random.uniform(n, 2);
    const y = f.poisoned((count + 1) * n);
    const options = { count, firstRow, eps: 1e-6 };
    await f.run(list => rmsNorm(list, f.upload(x), f.upload(weight), y, options));
    const got = await f.floats(y);
    expectClose(got.subarray(0, count * n), reference(x, weight, options), tolerances.elementwise);
    expect(
      got.subarray(count * n).every(v => Number.isNaN(v)),
      'the row past the end is left alone',
    ).toBe(true);
  });

  test('keeps a row of zeros at zero, and eps decides for a very small one', async () => {
    const f = fixture();
    const n = 8;
    const x = new Float32Array(2 * n).fill(1e-4, n);
    const weight = new Float32Array(n).fill(1);
    const y = f.poisoned(2 * n);
    const options = { count: 2, eps: 1e-6 };
    await f.run(list => rmsNorm(list, f.upload(x), f.upload(weight), y, options));
    expectClose(await f.floats(y), reference(x, weight, options), tolerances.elementwise);
  });
});
