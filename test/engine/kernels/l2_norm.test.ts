import { test } from 'vitest';
import { l2Norm } from '../../../engine/kernels/l2_norm.ts';
import { l2Norm as reference } from '../../reference/l2_norm.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';

const shapes = [
  { name: 'the smallest head', count: 1, keyHeads: 1, keyDim: 4, rest: 0 },
  { name: 'one token of a real model', count: 1, keyHeads: 16, keyDim: 128, rest: 4096 },
  { name: 'odd counts', count: 63, keyHeads: 3, keyDim: 20, rest: 12 },
];

describeKernel('l2_norm', fixture => {
  test.each(shapes)('norms queries and keys in place and leaves the values: $name', async shape => {
    const f = fixture();
    const { count, keyHeads, keyDim, rest } = shape;
    const stride = 2 * keyHeads * keyDim + rest;
    const before = new Random(count + stride).normal((count + 1) * stride);
    const options = { count, keyHeads, keyDim, stride };
    const x = f.upload(before, 'x');
    await f.run(list => l2Norm(list, x, options));
    expectClose(await f.floats(x), reference(before, options), tolerances.elementwise);
  });

  test('adds 1e-6 to the sum of squares, not to their mean', async () => {
    const f = fixture();
    const before = new Float32Array(16).fill(2e-4);
    const options = { count: 1, keyHeads: 1, keyDim: 8, stride: 16 };
    const x = f.upload(before, 'x');
    await f.run(list => l2Norm(list, x, options));
    expectClose(await f.floats(x), reference(before, options), tolerances.elementwise);
  });
});
