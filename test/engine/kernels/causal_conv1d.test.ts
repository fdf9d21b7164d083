import { expect, test } from 'vitest';
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
  {
    name: 'a state that goes round the ring',
    count: 2,
    channels: 5,
    kernel: 4,
    offset: 0,
    gap: 0,
    position: 17,
  },
  { name: 'two taps', count: 5, channels: 7, kernel: 2, offset: 0, gap: 0 },
  { name: 'three taps', count: 5, channels: 7, kernel: 3, offset: 0, gap: 0 },
];

const ringRows = 8;

/** A ring whose last kernel - 1 rows before `position` are `state`; all else is as `under` has it, NaN unless given. */
function ringOf(
  state: ArrayLike<number>,
  { channels, kernel, position }: { channels: number; kernel: number; position: number },
  under?: Float32Array<ArrayBuffer>,
) {
  const [offset, stride] = [2, channels + 1];
  const values = under?.slice() ?? new Float32Array(offset + ringRows * stride + 4).fill(NaN);
  for (let j = 0; j < kernel - 1; j++)
    for (let c = 0; c < channels; c++)
      values[offset + ((position - kernel + 1 + j + ringRows) % ringRows) * stride + c] = state[
        j * channels + c
      ] as number;
  return { values, offset, stride };
}

describeKernel('causal_conv1d', fixture => {
  test.each(shapes)(
    'convolves and moves the state on: $name',
    async ({ count, channels, kernel, offset, gap, position = 0 }) => {
      const f = fixture();
      const random = new Random(count * channels);
      const u = spacedRows(
        { count, width: channels, offset, stride: channels + gap },
        random.normal(count * channels),
      );
      const weight = random.uniform(channels * kernel);
      const before = random.normal((kernel - 1) * channels);
      const ring = ringOf(before, { channels, kernel, position });
      const view = uploadRows(f, ring, 'ring');
      const y = f.poisoned(count * channels + 3);
      await f.run(list =>
        causalConv1d(
          list,
          { u: uploadRows(f, u, 'u'), weight: f.upload(weight), ring: view, y },
          { count, channels, kernel, ringRows, position },
        ),
      );
      const want = reference({ u, weight, state: before }, { count, channels, kernel });
      expectClose(await f.floats(y), [...want.y, NaN, NaN, NaN], tolerances.elementwise, 'y');
      const after = ringOf(want.state, { channels, kernel, position: position + count }, ring.values);
      expectClose(await f.floats(view.tensor), after.values, tolerances.exact, 'ring');
    },
  );

  test('two calls in a row give what one call gives', async () => {
    const f = fixture();
    const random = new Random(1);
    const [count, first, channels, kernel] = [9, 4, 10, 4];
    const values = random.normal(count * channels);
    const weight = f.upload(random.uniform(channels * kernel));
    const u = f.upload(values);
    const start = 6;
    const zeros = new Float32Array((kernel - 1) * channels);
    const ring = ringOf(zeros, { channels, kernel, position: start });
    const view = uploadRows(f, ring, 'ring');
    const [y1, y2] = [f.poisoned(first * channels), f.poisoned((count - first) * channels)];
    const part = (offset: number) => ({ tensor: u, offset, stride: channels });
    await f.run(list => {
      causalConv1d(
        list,
        { u: part(0), weight, ring: view, y: y1 },
        { count: first, channels, kernel, ringRows, position: start },
      );
      causalConv1d(
        list,
        { u: part(first * channels), weight, ring: view, y: y2 },
        { count: count - first, channels, kernel, ringRows, position: start + first },
      );
    });
    const want = reference(
      {
        u: { values, offset: 0, stride: channels },
        weight: await f.floats(weight),
        state: zeros,
      },
      { count, channels, kernel },
    );
    expectClose([...(await f.floats(y1)), ...(await f.floats(y2))], want.y, tolerances.elementwise, 'y');
    const after = ringOf(want.state, { channels, kernel, position: start + count });
    const got = await f.floats(view.tensor);
    for (const [i, value] of after.values.entries()) if (!Number.isNaN(value)) expect(got[i]).toBe(value);
  });
});
