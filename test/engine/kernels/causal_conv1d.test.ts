import { test } from 'vitest';
import { causalConv1d } from '../../../engine/kernels/causal_conv1d.ts';
import { causalConv1d as reference } from '../../reference/causal_conv1d.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';
import { spacedRows, uploadRows } from '../../support/spaced_rows.ts';

const shapes = [
  { name: 'one channel, one token', count: 1, channels: 1, kernel: 4, offset: 0, gap: 0 },
  { name: 'fewer tokens than taps', count: 2, channels: 65, kernel: 4, offset: 3, gap: 5 },
  { name: 'as many tokens as the state holds', count: 3, channels: 63, kernel: 4, offset: 1, gap: 1 },
  { name: 'one token of a real model', count: 1, channels: 8192, kernel: 4, offset: 0, gap: 4096 },
  { name: 'a batch of 127', count: 127, channels: 9, kernel: 4, offset: 2, gap: 3 },
  { name: 'two taps', count: 5, channels: 7, kernel: 2, offset: 0, gap: 0 },
  { name: 'three taps', count: 5, channels: 7, kernel: 3, offset: 0, gap: 0 },
];

describeKernel('causal_conv1d', fixture => {
  test.each(shapes)(
    'convolves and moves the state on: $name',
    async ({ count, channels, kernel, offset, gap }) => {
      const f = fixture();
      const random = new Random(count * channels);
      const u = spacedRows(
        { count, width: channels, offset, stride: channels + gap },
        random.normal(count * channels),
      );
      const weight = random.uniform(channels * kernel);
      const before = random.normal((kernel - 1) * channels);
      const state = f.upload(before, 'state');
      const y = f.poisoned(count * channels + 3);
      await f.run(list =>
        causalConv1d(
          list,
          { u: uploadRows(f, u, 'u'), weight: f.upload(weight), state, y },
          { count, channels, kernel },
        ),
      );
      const want = reference({ u, weight, state: before }, { count, channels, kernel });
      expectClose(await f.floats(y), [...want.y, NaN, NaN, NaN], tolerances.elementwise, 'y');
      expectClose(await f.floats(state), want.state, tolerances.exact, 'state');
    },
  );

  test('two calls in a row give what one call gives', async () => {
    const f = fixture();
    const random = new Random(1);
    const [count, first, channels, kernel] = [9, 4, 10, 4];
    const values = random.normal(count * channels);
    const weight = f.upload(random.uniform(channels * kernel));
    const u = f.upload(values);
    const state = f.upload(new Float32Array((kernel - 1) * channels), 'state');
    const [y1, y2] = [f.poisoned(first * channels), f.poisoned((count - first) * channels)];
    const part = (offset: number) => ({ tensor: u, offset, stride: channels });
    await f.run(list => {
      causalConv1d(list, { u: part(0), weight, state, y: y1 }, { count: first, channels, kernel });
      causalConv1d(
        list,
        { u: part(first * channels), weight, state, y: y2 },
        { count: count - first, channels, kernel },
      );
    });
    const want = reference(
      {
        u: { values, offset: 0, stride: channels },
        weight: await f.floats(weight),
        state: new Float32Array((kernel - 1) * channels),
      },
      { count, channels, kernel },
    );
    expectClose([...(await f.floats(y1)), ...(await f.floats(y2))], want.y, tolerances.elementwise, 'y');
    expectClose(await f.floats(state), want.state, tolerances.exact, 'state');
  });
});
