// The tests all kernels that join splits must pass.
import { test } from 'vitest';
import type { attentionMerge } from '../../engine/kernels/attention_merge.ts';
import type { attentionMerge as referenceMerge } from '../reference/attention_merge.ts';
import { expectClose, tolerances } from './all_close.ts';
import type { GpuFixture } from './gpu_fixture.ts';
import { Random } from './random.ts';
import { spacedRows, uploadRows } from './spaced_rows.ts';

const empty = -1e30;
const shapes = [
  { name: 'one split, the smallest head', count: 1, heads: 1, dim: 4, tops: [0.5] },
  { name: 'tops far apart', count: 1, heads: 3, dim: 20, tops: [1, -60, 30] },
  { name: 'splits without positions', count: 3, heads: 2, dim: 12, tops: [2, empty, 1.5, empty] },
  {
    name: 'all splits of a real head',
    count: 2,
    heads: 2,
    dim: 256,
    tops: Array.from({ length: 32 }, (_, s) => s % 7),
  },
];

/** Declares the tests of a kernel that joins splits. */
export function describeMerge(
  fixture: () => GpuFixture,
  kernel: typeof attentionMerge,
  reference: typeof referenceMerge,
  more: typeof shapes = [],
): void {
  test.each([...shapes, ...more])('joins and gates: $name', async ({ count, heads, dim, tops }) => {
    const f = fixture();
    const random = new Random(dim);
    const splits = tops.length;
    const partial = random.normal(count * heads * splits * dim);
    const stats = new Float32Array(count * heads * splits * 2);
    for (let i = 0; i < count * heads * splits; i++) {
      const top = tops[i % splits] as number;
      stats.set([top, top === empty ? 0 : 1 + random.next()], i * 2);
      if (top === empty) partial.fill(0, i * dim, (i + 1) * dim);
    }
    const gateHeadStride = dim + 4;
    const width = heads * gateHeadStride;
    const gates = random.normal(count * width, 3).map((v, i) => (i % gateHeadStride < dim ? v : NaN));
    const gate = spacedRows({ count, width, offset: 8, stride: width + 12 }, gates);
    const o = f.poisoned(count * heads * dim + 4);
    const options = { count, heads, dim, splits, gateHeadStride };
    await f.run(list =>
      kernel(
        list,
        { partial: f.upload(partial), stats: f.upload(stats), gate: uploadRows(f, gate, 'gate'), o },
        options,
      ),
    );
    const want = [...reference({ partial, stats, gate }, options), NaN, NaN, NaN, NaN];
    expectClose(await f.floats(o), want, tolerances.sum);
  });
}
