import { test } from 'vitest';
import { rmsNormGated } from '../../../engine/kernels/rms_norm_gated.ts';
import { rmsNormGated as reference } from '../../reference/rms_norm_gated.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';
import { spacedRows, uploadRows } from '../../support/spaced_rows.ts';

const shapes = [
  { name: 'the smallest head', count: 1, heads: 1, dim: 4, offset: 0, gap: 0, tileHeads: 0 },
  { name: 'one token of a real model', count: 1, heads: 32, dim: 128, offset: 8192, gap: 0, tileHeads: 0 },
  { name: 'gates between other columns', count: 5, heads: 3, dim: 36, offset: 12, gap: 20, tileHeads: 0 },
  {
    name: 'heads in tiled order, three to a key head',
    count: 3,
    heads: 6,
    dim: 8,
    offset: 4,
    gap: 8,
    tileHeads: 2,
  },
  {
    name: 'heads in tiled order, one to a key head',
    count: 2,
    heads: 4,
    dim: 12,
    offset: 0,
    gap: 4,
    tileHeads: 4,
  },
  { name: 'a batch of 65', count: 65, heads: 2, dim: 20, offset: 0, gap: 4, tileHeads: 1 },
];

describeKernel('rms_norm_gated', fixture => {
  test.each(shapes)('norms and gates $name', async ({ count, heads, dim, offset, gap, tileHeads }) => {
    const f = fixture();
    const random = new Random(count * dim);
    const width = heads * dim;
    const o = random.normal(count * width);
    const z = spacedRows({ count, width, offset, stride: width + gap }, random.normal(count * width, 3));
    const weight = random.uniform(dim, 2);
    const y = f.poisoned(count * width + 8);
    const options = { count, heads, dim, eps: 1e-6, tileHeads };
    await f.run(list =>
      rmsNormGated(list, { o: f.upload(o), z: uploadRows(f, z, 'z'), weight: f.upload(weight), y }, options),
    );
    const want = [...reference({ o, z, weight }, options), ...Array<number>(8).fill(NaN)];
    expectClose(await f.floats(y), want, tolerances.elementwise);
  });

  test('a gate far from zero passes or closes without overflow', async () => {
    const f = fixture();
    const dim = 4;
    const o = new Float32Array(dim).fill(1);
    const z = { values: new Float32Array([-200, -50, 50, 200]), offset: 0, stride: dim };
    const weight = new Float32Array(dim).fill(1);
    const y = f.poisoned(dim);
    const options = { count: 1, heads: 1, dim, eps: 1e-6 };
    await f.run(list =>
      rmsNormGated(list, { o: f.upload(o), z: uploadRows(f, z, 'z'), weight: f.upload(weight), y }, options),
    );
    expectClose(await f.floats(y), reference({ o, z, weight }, options), tolerances.elementwise);
  });
});
