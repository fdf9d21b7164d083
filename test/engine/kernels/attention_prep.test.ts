import { test } from 'vitest';
import { attentionPrep } from '../../../engine/kernels/attention_prep.ts';
import { attentionPrep as reference } from '../../reference/attention_prep.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';
import { spacedRows, uploadRows } from '../../support/spaced_rows.ts';

const shapes = [
  { name: 'the smallest head', count: 1, heads: 1, kvHeads: 1, dim: 4, rotaryDim: 2, start: 0, ropeRow: 0 },
  { name: 'no rotation', count: 2, heads: 2, kvHeads: 1, dim: 8, rotaryDim: 0, start: 3, ropeRow: 1 },
  { name: 'the whole head', count: 3, heads: 3, kvHeads: 3, dim: 12, rotaryDim: 12, start: 0, ropeRow: 2 },
  { name: 'a real layer', count: 2, heads: 16, kvHeads: 2, dim: 256, rotaryDim: 64, start: 5, ropeRow: 4 },
  { name: 'eight rows', count: 8, heads: 4, kvHeads: 2, dim: 68, rotaryDim: 20, start: 1, ropeRow: 0 },
];

describeKernel('attention_prep', fixture => {
  test.each(shapes)('norms, rotates and appends: $name', async shape => {
    const f = fixture();
    const { count, heads, kvHeads, dim, rotaryDim, start, ropeRow } = shape;
    const random = new Random(count * dim);
    const width = 2 * heads * dim;
    // Between the queries lie the gates, which nobody may read here.
    const queries = random.normal(count * width).map((v, i) => (i % (2 * dim) < dim ? v : NaN));
    const q = spacedRows({ count, width, offset: 3, stride: width + 2 }, queries);
    const kv = (offset: number) =>
      spacedRows(
        { count, width: kvHeads * dim, offset, stride: kvHeads * dim + 5 },
        random.normal(count * kvHeads * dim),
      );
    const [k, v] = [kv(7), kv(1)];
    const gains = random.uniform(2 * dim, 2);
    const angles = random.uniform(((ropeRow + count) * rotaryDim) / 2, 100);
    const rope = new Float32Array(Math.max(2, 2 * angles.length)).fill(NaN);
    angles.forEach((angle, i) => rope.set([Math.cos(angle), Math.sin(angle)], 2 * i));
    const cacheRows = start + count + 1;
    const to = {
      q: f.poisoned((count + 1) * heads * dim, 'q'),
      keys: f.poisoned(cacheRows * kvHeads * dim, 'keys'),
      values: f.poisoned(cacheRows * kvHeads * dim, 'values'),
    };
    const options = { ...shape, eps: 1e-6 };
    await f.run(list =>
      attentionPrep(
        list,
        {
          q: uploadRows(f, q, 'q in'),
          k: uploadRows(f, k, 'k in'),
          v: uploadRows(f, v, 'v in'),
          gains: f.upload(gains),
          rope: f.upload(rope),
        },
        to,
        options,
      ),
    );
    const want = reference({ q, k, v, gains, rope }, options);
    const inCache = (values: Float64Array) => {
      const cache = new Float64Array(cacheRows * kvHeads * dim).fill(NaN);
      cache.set(values, start * kvHeads * dim);
      return cache;
    };
    const after = new Array<number>(heads * dim).fill(NaN);
    expectClose(await f.floats(to.q), [...want.q, ...after], tolerances.elementwise, 'q');
    expectClose(await f.floats(to.keys), inCache(want.keys), tolerances.elementwise, 'keys');
    expectClose(await f.floats(to.values), inCache(want.values), tolerances.exact, 'values');
  });
});
