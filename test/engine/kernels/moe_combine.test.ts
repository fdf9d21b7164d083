import { test } from 'vitest';
import { moeCombine } from '../../../engine/kernels/moe_combine.ts';
import { moeCombine as reference } from '../../reference/moe_combine.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';
import { spacedRows, uploadRows } from '../../support/spaced_rows.ts';

const shapes = [
  { name: 'one expert, the smallest row', count: 1, width: 4, chosen: 1 },
  { name: 'one token of a real model', count: 1, width: 2048, chosen: 10 },
  { name: 'odd counts', count: 63, width: 68, chosen: 3 },
];

describeKernel('moe_combine', fixture => {
  test.each(shapes)('adds routed and shared outputs: $name', async ({ count, width, chosen }) => {
    const f = fixture();
    const random = new Random(width);
    const host = {
      routed: random.normal(count * chosen * width),
      weights: random.uniform(count * chosen),
      shared: random.normal(count * width),
      gate: spacedRows({ count, width: 1, offset: 5, stride: 9 }, random.normal(count, 3)),
    };
    const before = random.normal((count + 1) * width);
    const x = f.upload(before, 'x');
    await f.run(list =>
      moeCombine(
        list,
        {
          routed: f.upload(host.routed),
          weights: f.upload(host.weights),
          shared: f.upload(host.shared),
          gate: uploadRows(f, host.gate, 'gate'),
          x,
        },
        { count, width, chosen },
      ),
    );
    const want = reference({ ...host, x: before }, { count, width, chosen });
    expectClose(await f.floats(x), [...want, ...before.subarray(count * width)], tolerances.sum);
  });
});
