import { test } from 'vitest';
import { gatedDeltaDecode } from '../../../engine/kernels/gated_delta_decode.ts';
import { gatedDeltaDecode as reference } from '../../reference/gated_delta_decode.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { isFullRun } from '../../support/full.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';
import { uploadRows } from '../../support/spaced_rows.ts';

const ringRows = 16;
const one = { keyHeads: 1, valueHeads: 1, keyDim: 4, valueDim: 4, kernel: 4 };
const shapes = [
  { name: 'the smallest layer', ...one, position: 3, pending: 0, count: 1, commit: 1 },
  { name: 'the first token of a text', ...one, position: 0, pending: 0, count: 1, commit: 1 },
  {
    name: 'value heads that share a key head, columns that fill no block',
    keyHeads: 2,
    valueHeads: 4,
    keyDim: 36,
    valueDim: 44,
    kernel: 4,
    position: 21,
    pending: 0,
    count: 2,
    commit: 2,
  },
  {
    name: 'real widths, drafts that nobody commits',
    keyHeads: 1,
    valueHeads: 2,
    keyDim: 128,
    valueDim: 128,
    kernel: 4,
    position: 14,
    pending: 0,
    count: 4,
    commit: 1,
  },
  {
    name: 'rows that waited, then drafts',
    keyHeads: 2,
    valueHeads: 2,
    keyDim: 64,
    valueDim: 64,
    kernel: 4,
    position: 30,
    pending: 3,
    count: 3,
    commit: 4,
  },
  {
    name: 'rows that waited, then drafts, at real widths',
    keyHeads: 1,
    valueHeads: 2,
    keyDim: 128,
    valueDim: 128,
    kernel: 4,
    position: 30,
    pending: 3,
    count: 3,
    commit: 4,
  },
  {
    name: 'nothing but a commit',
    keyHeads: 1,
    valueHeads: 1,
    keyDim: 16,
    valueDim: 32,
    kernel: 3,
    position: 5,
    pending: 2,
    count: 0,
    commit: 2,
  },
  {
    name: 'nothing committed',
    keyHeads: 1,
    valueHeads: 3,
    keyDim: 8,
    valueDim: 100,
    kernel: 2,
    position: 9,
    pending: 1,
    count: 2,
    commit: 0,
  },
];

/** Each width compiles for seconds with the lanes of a GPU. */
const ofGpus = shapes.filter(({ keyDim }) => keyDim <= 4 || keyDim >= 128);

describeKernel('gated_delta_decode', (fixture, { software }) => {
  test.each(isFullRun || software ? shapes : ofGpus)(
    'walks over the rows of the rings: $name',
    async shape => {
      const f = fixture();
      const { keyHeads, valueHeads, keyDim, valueDim, kernel, position, pending, count, commit } = shape;
      const random = new Random(keyDim * 100 + valueDim + count);
      const channels = 2 * keyHeads * keyDim + valueHeads * valueDim;
      const rows = pending + count;
      // Rows in order of position, the tail first; then the same laid out as a ring.
      const inOrder = (width: number, before: number) => {
        const values = random.normal((before + rows) * width);
        if (position === 0) values.fill(0, 0, before * width);
        return values;
      };
      const ring = (values: Float32Array, width: number, before: number, offset: number) => {
        const stride = Math.ceil(width / 4) * 4 + 4;
        const laid = new Float32Array(offset + ringRows * stride).fill(NaN);
        for (let n = -before; n < rows; n++)
          for (let i = 0; i < width; i++)
            laid[offset + ((position + n + ringRows) % ringRows) * stride + i] = values[
              (n + before) * width + i
            ] as number;
        return { values: laid, offset, stride };
      };
      const u = inOrder(channels, kernel - 1);
      const [b, a] = [inOrder(valueHeads, 0), inOrder(valueHeads, 0)];
      const conv = random.uniform(kernel * channels);
      const negA = random.uniform(valueHeads).map(v => -Math.exp(v));
      const dtBias = random.normal(valueHeads);
      const stateLength = valueHeads * keyDim * valueDim;
      const before = random.normal(stateLength);
      const state = f.upload(
        Float32Array.from([...before, ...new Array<number>(stateLength).fill(NaN)]),
        'state',
      );
      const blocks = Math.ceil(valueDim / 32);
      const outputs = count * valueHeads * valueDim;
      const squaresAt = outputs + 3;
      const o = f.poisoned(squaresAt + count * valueHeads * blocks + 2, 'o');
      await f.run(list =>
        gatedDeltaDecode(
          list,
          {
            qkv: uploadRows(f, ring(u, channels, kernel - 1, 4), 'qkv'),
            b: uploadRows(f, ring(b, valueHeads, 0, 1), 'b'),
            a: uploadRows(f, ring(a, valueHeads, 0, 2), 'a'),
            conv: f.upload(conv),
            gateWeights: f.upload(Float32Array.from([...negA, ...dtBias])),
            state,
            o,
          },
          { keyHeads, valueHeads, keyDim, valueDim },
          { kernel, ringRows, squaresAt },
          { position, pending, count, commit },
        ),
      );
      const plain = (values: Float32Array, stride: number, offset = 0) => ({ values, offset, stride });
      const want = reference(
        {
          qkv: plain(u, channels, (kernel - 1) * channels),
          b: plain(b, valueHeads),
          a: plain(a, valueHeads),
          tail: u,
          conv,
          negA,
          dtBias,
          state: before,
        },
        { count: rows, keyHeads, valueHeads, keyDim, valueDim },
        { kernel, commit },
      );
      const wanted = want.o.subarray(pending * valueHeads * valueDim);
      const squares = Array.from({ length: count * valueHeads * blocks }, (_, i) => {
        const head = Math.floor(i / blocks) * valueDim;
        const first = (i % blocks) * 32;
        return wanted
          .subarray(head + first, head + Math.min(first + 32, valueDim))
          .reduce((sum, v) => sum + v * v, 0);
      });
      const got = await f.floats(o);
      expectClose(got.subarray(0, squaresAt), [...wanted, NaN, NaN, NaN], tolerances.recurrence, 'o');
      expectClose(got.subarray(squaresAt), [...squares, NaN, NaN], tolerances.dot, 'squares');
      expectClose(
        (await f.floats(state)).subarray(0, stateLength),
        want.state,
        tolerances.recurrence,
        'state',
      );
    },
  );
});
