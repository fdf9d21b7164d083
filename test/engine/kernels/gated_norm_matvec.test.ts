import { test } from 'vitest';
import { gatedNormMatvec } from '../../../engine/kernels/gated_norm_matvec.ts';
import { gatedNormMatvec as reference } from '../../reference/gated_norm_matvec.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { describeMatvec, shapesFor } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';
import { spacedRows, uploadRows } from '../../support/spaced_rows.ts';
import { uploadMatrix } from '../../support/weights.ts';

const ringRows = 4;

const shapes = [
  { format: 'F32', count: 1, rows: 3, heads: 1, dim: 16, tileHeads: 0, row: 0, partStarts: [0] },
  { format: 'Q8_0', count: 2, rows: 65, heads: 4, dim: 40, tileHeads: 2, row: 3, partStarts: [0, 30] },
  { format: 'Q8_0', count: 4, rows: 34, heads: 2, dim: 128, tileHeads: 0, row: 9, partStarts: [0] },
] as const;

describeMatvec('gated_norm_matvec', 'few teams', (fixture, device) => {
  test.each(shapesFor(shapes, device))(
    'norms, gates, multiplies and adds: $format, $count rows of $heads heads of $dim, tiled by $tileHeads',
    async ({ format, count, rows, heads, dim, tileHeads, row, partStarts }) => {
      const f = fixture();
      const random = new Random(rows + dim);
      const columns = heads * dim;
      const { w, dense } = uploadMatrix(f, random, { format, rows, columns, partStarts: [...partStarts] });
      const o = random.normal(count * columns);
      const blocks = Math.ceil(dim / 32);
      const squares = Array.from({ length: count * heads * blocks }, (_, i) => {
        const first = Math.floor(i / blocks) * dim + (i % blocks) * 32;
        const end = Math.min(first + 32, (Math.floor(i / blocks) + 1) * dim);
        return o.subarray(first, end).reduce((sum, v) => sum + v * v, 0);
      });
      const squaresAt = o.length + 4;
      const gates = random.normal(count * columns, 2);
      const z = { values: gates, offset: 0, stride: columns };
      const inRing = new Float64Array(ringRows * columns).fill(NaN);
      for (let t = 0; t < count; t++)
        inRing.set(gates.subarray(t * columns, (t + 1) * columns), ((row + t) % ringRows) * columns);
      const ring = spacedRows({ count: ringRows, width: columns, offset: 8, stride: columns + 4 }, inRing);
      const gain = random.uniform(dim, 2);
      const shape = { count, width: rows, offset: 2, stride: rows + 1 };
      const before = spacedRows(shape, random.normal(count * rows));
      const y = uploadRows(f, before, 'y');
      const sizes = { count, heads, dim, eps: 1e-6, tileHeads };
      await f.run(list =>
        gatedNormMatvec(
          list,
          {
            o: f.upload(Float32Array.from([...o, NaN, NaN, NaN, NaN, ...squares]), 'o'),
            z: uploadRows(f, ring, 'z'),
            gain: f.upload(gain),
            w,
            y,
          },
          { ...sizes, squaresAt, ring: { row, mask: ringRows - 1 } },
        ),
      );
      const want = reference({ o, z, gain, w: dense, y: before }, sizes);
      expectClose(await f.floats(y.tensor), spacedRows(shape, want).values, tolerances.dot, 'y');
    },
  );
});
