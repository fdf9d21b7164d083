import { test } from 'vitest';
import { moeCombine } from '../../../engine/kernels/moe_combine.ts';
import { moeCombine as reference } from '../../reference/moe_combine.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';

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
      sharedWeights: random.uniform(count),
    };
    const choice = new Float32Array(count * (chosen + 1) * 2).fill(NaN);
    for (let t = 0; t < count; t++)
      for (let n = 0; n <= chosen; n++)
        choice[(t * (chosen + 1) + n) * 2 + 1] = (
          n < chosen ? host.weights[t * chosen + n] : host.sharedWeights[t]
        ) as number;
    const before = random.normal((count + 1) * width);
    const x = f.upload(before, 'x');
    await f.run(list =>
      moeCombine(
        list,
        {
          routed: f.upload(host.routed),
          choice: f.upload(choice),
          shared: f.upload(host.shared),
          x,
        },
        { count, width, used: chosen, slots: chosen + 1 },
      ),
    );
    const want = reference({ ...host, x: before }, { count, width, chosen });
    expectClose(await f.floats(x), [...want, ...before.subarray(count * width)], tolerances.sum);
  });

  test('with the shared expert among the slots nothing else is added', async () => {
    const f = fixture();
    const [width, slots] = [8, 2];
    const random = new Random(3);
    const routed = random.normal(slots * width);
    const weights = random.uniform(slots);
    const choice = Float32Array.from([NaN, weights[0] as number, NaN, weights[1] as number]);
    const x = f.upload(new Float32Array(width), 'x');
    await f.run(list =>
      moeCombine(
        list,
        { routed: f.upload(routed), choice: f.upload(choice), shared: f.poisoned(width), x },
        { count: 1, width, used: slots, slots },
      ),
    );
    const want = Array.from(
      { length: width },
      (_, i) =>
        (weights[0] as number) * (routed[i] as number) +
        (weights[1] as number) * (routed[width + i] as number),
    );
    expectClose(await f.floats(x), want, tolerances.sum);
  });
});
