import { test } from 'vitest';
import { qkNormRope } from '../../../engine/kernels/qk_norm_rope.ts';
import { qkNormRope as reference } from '../../reference/qk_norm_rope.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';
import { spacedRows, uploadRows } from '../../support/spaced_rows.ts';

const shapes = [
  { name: 'the smallest head', count: 1, heads: 1, dim: 2, rotaryDim: 2, between: 0, ropeRow: 0, yRow: 0 },
  { name: 'no rotation', count: 2, heads: 2, dim: 8, rotaryDim: 0, between: 0, ropeRow: 0, yRow: 0 },
  {
    name: 'rotation of the whole head',
    count: 3,
    heads: 2,
    dim: 8,
    rotaryDim: 8,
    between: 0,
    ropeRow: 1,
    yRow: 0,
  },
  {
    name: 'real queries with gates between',
    count: 1,
    heads: 16,
    dim: 256,
    rotaryDim: 64,
    between: 256,
    ropeRow: 4,
    yRow: 0,
  },
  {
    name: 'real keys into a cache',
    count: 2,
    heads: 2,
    dim: 256,
    rotaryDim: 64,
    between: 0,
    ropeRow: 0,
    yRow: 3,
  },
  { name: 'odd counts', count: 65, heads: 3, dim: 12, rotaryDim: 6, between: 5, ropeRow: 2, yRow: 7 },
];

describeKernel('qk_norm_rope', fixture => {
  test.each(shapes)('norms and rotates: $name', async ({ between, yRow, ...shape }) => {
    const f = fixture();
    const { count, heads, dim, rotaryDim, ropeRow } = shape;
    const random = new Random(count * dim);
    const headStride = dim + between;
    const width = (heads - 1) * headStride + dim;
    // What lies between the heads is NaN, as what lies between the rows.
    const data = random.normal(count * width).map((v, i) => ((i % width) % headStride < dim ? v : NaN));
    const x = spacedRows({ count, width, offset: 5, stride: width + 3 }, data);
    const weight = random.uniform(dim, 2);
    const angles = random.uniform(((ropeRow + count) * rotaryDim) / 2, 100);
    const rope = new Float32Array(Math.max(2, 2 * angles.length)).fill(NaN);
    angles.forEach((angle, i) => rope.set([Math.cos(angle), Math.sin(angle)], 2 * i));
    const y = f.poisoned((yRow + count + 1) * heads * dim);
    const weightAt = 3;
    const options = { ...shape, headStride, yRow, weightAt, eps: 1e-6 };
    await f.run(list =>
      qkNormRope(
        list,
        {
          x: uploadRows(f, x, 'x'),
          weight: f.upload(Float32Array.from([NaN, NaN, NaN, ...weight, NaN])),
          rope: f.upload(rope),
          y,
        },
        options,
      ),
    );
    const want = new Float64Array((yRow + count + 1) * heads * dim).fill(NaN);
    want.set(reference({ x, weight, rope }, options), yRow * heads * dim);
    expectClose(await f.floats(y), want, tolerances.elementwise);
  });
});
