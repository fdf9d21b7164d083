import { describe, expect, test } from 'vitest';
import { openGpu } from '../../../engine/gpu/device.ts';
import { rows as rowsOf } from '../../../engine/kernels/launch.ts';
import { noRing } from '../../../engine/kernels/matvec.ts';
import { normMatvec } from '../../../engine/kernels/norm_matvec.ts';
import type { WeightFormat } from '../../../engine/kernels/weight_matrix.ts';
import { normMatvec as reference } from '../../reference/norm_matvec.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { inFullRun, isFullRun } from '../../support/full.ts';
import { describeMatvec, GpuFixture, shapesFor } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';
import { spacedRows, uploadRows } from '../../support/spaced_rows.ts';
import { columnsMin, formatsToTest, uploadMatrix } from '../../support/weights.ts';

interface Case {
  format: WeightFormat;
  count: number;
  rows: number;
  columns: number;
  partStarts?: number[];
  /** Rows of the ring the outputs go to, and the first of them. */
  ring?: { rows: number; row: number };
}

const shapes: Case[] = [
  { format: 'F32', count: 1, rows: 1, columns: 16 },
  { format: 'F32', count: 3, rows: 5, columns: 48 },
  { format: 'Q8_0', count: 8, rows: 33, columns: 96 },
  { format: 'Q8_0', count: 1, rows: 130, columns: 2048 },
  { format: 'Q8_0', count: 5, rows: 67, columns: 160, partStarts: [0, 1, 40] },
  { format: 'Q5_1', count: 2, rows: 9, columns: 64, ring: { rows: 4, row: 7 } },
];

describeMatvec('norm_matvec', 'all teams', (fixture, device) => {
  const check = async ({ format, count, rows, columns, partStarts, ring }: Case) => {
    const f = fixture();
    const random = new Random(rows * 1000 + columns + count);
    const { w, dense } = uploadMatrix(f, random, { format, rows, columns, partStarts });
    const place = { count, width: columns, offset: 8, stride: columns + 4 };
    const x = spacedRows(place, random.normal(count * columns));
    const gain = random.uniform(columns, 2);
    const ringRows = ring?.rows ?? count;
    const shape = { count: ringRows, width: rows, offset: 3, stride: rows + 5 };
    const y = uploadRows(f, spacedRows(shape, new Array<number>(ringRows * rows).fill(NaN)), 'y');
    await f.run(list =>
      normMatvec(
        list,
        { x: uploadRows(f, x, 'x'), gain: f.upload(gain), w: [w], y },
        { count, eps: 1e-6, ring: ring ? { row: ring.row, mask: ring.rows - 1 } : noRing },
      ),
    );
    const product = reference({ x, gain, w: dense }, { count, eps: 1e-6 });
    const want = new Array<number>(ringRows * rows).fill(NaN);
    for (let t = 0; t < count; t++)
      for (let m = 0; m < rows; m++)
        want[(((ring?.row ?? 0) + t) % ringRows) * rows + m] = product[t * rows + m] as number;
    expectClose(await f.floats(y.tensor), spacedRows(shape, want).values, tolerances.dot, 'y');
  };

  // The forms do not depend on the format, so one GPU form is enough; embed_rows has every format every day.
  if (device.software || device.teamLanes === 16)
    describe.each(formatsToTest(device))('weights stored as %s', format => {
      test.each(inFullRun([1, 4], [1]))('norms and multiplies %i rows, cut into two parts', async count => {
        await check({ format, count, rows: 37, columns: 2 * columnsMin(format), partStarts: [0, 18] });
      });
    });

  // A launch of several types compiles for as long as all of them: every day one of three with the lanes of a GPU.
  const together = [
    { formats: ['Q5_1', 'F16', 'Q8_0'], free: 16, launches: 1 },
    { formats: ['F32', 'Q8_0'], free: 16, launches: 1 },
    { formats: ['Q5_1', 'Q8_0', 'F32'], free: 8, launches: 2 },
  ] as const;
  const everyDay = device.software ? together : together.slice(0, device.teamLanes === 16 ? 1 : 0);
  test.each(inFullRun<readonly (typeof together)[number][]>(together, everyDay))(
    'matrices of $formats stand side by side, with $free bindings',
    async ({ formats, free, launches: wanted }) => {
      const f = fixture();
      const random = new Random(free);
      const [count, columns, outputs] = [device.software ? 2 : 1, 96, [35, 70, 9]];
      const { gpu } = f;
      const { storageBuffersPerStageMax } = gpu.limits;
      const made = formats.map((format, i) =>
        uploadMatrix(f, random, { format, rows: outputs[i]!, columns }),
      );
      const x = { values: random.normal(count * columns), offset: 0, stride: columns };
      const gain = random.uniform(columns, 2);
      const width = 120;
      const y = f.poisoned(4 + count * width);
      let launches = 0;
      gpu.limits.storageBuffersPerStageMax = free;
      try {
        await f.run(list => {
          const sizes = { count, eps: 1e-6 };
          const at = { tensor: f.upload(x.values), offset: 0, stride: columns };
          normMatvec(
            list,
            { x: at, gain: f.upload(gain), w: made.map(({ w }) => w), y: rowsOf(y, width, 4) },
            sizes,
          );
          launches = list.dispatchCount;
        });
      } finally {
        gpu.limits.storageBuffersPerStageMax = storageBuffersPerStageMax;
      }
      expect(launches).toBe(wanted);
      const want = new Array<number>(4 + count * width).fill(NaN);
      let first = 4;
      for (const [i, { dense }] of made.entries()) {
        const product = reference({ x, gain, w: dense }, { count, eps: 1e-6 });
        for (let t = 0; t < count; t++)
          for (let m = 0; m < outputs[i]!; m++)
            want[first + t * width + m] = product[t * outputs[i]! + m] as number;
        first += Math.ceil(outputs[i]! / 4) * 4;
      }
      expectClose(await f.floats(y), want, tolerances.dot, 'y');
    },
  );

  // Eight rows, which compile for long, run with the lanes of a GPU in add_matvec.
  test.each(shapesFor(shapes, device).filter(({ count }) => isFullRun || device.software || count <= 5))(
    '$format [$rows, $columns] times $count rows, parts from $partStarts, ring $ring',
    check,
  );
});

test('more rows of weights than workgroups fit into one dimension', async () => {
  // A workgroup of one lane takes two rows, as one of 64 lanes does where all of them share a row.
  const gpu = await openGpu({ software: false, limits: { invocationsPerWorkgroupMax: 1 } });
  const f = new GpuFixture(gpu);
  const [rows, columns] = [2 * 65_535 + 300, 16];
  const random = new Random(7);
  const { w, dense } = uploadMatrix(f, random, { format: 'F32', rows, columns });
  const place = { count: 1, width: columns, offset: 0, stride: columns };
  const x = spacedRows(place, random.normal(columns));
  const gain = random.uniform(columns, 2);
  const shape = { count: 1, width: rows, offset: 0, stride: rows };
  const y = uploadRows(f, spacedRows(shape, new Array<number>(rows).fill(NaN)), 'y');
  await f.run(list =>
    normMatvec(
      list,
      { x: uploadRows(f, x, 'x'), gain: f.upload(gain), w: [w], y },
      { count: 1, eps: 1e-6, ring: noRing },
    ),
  );
  const want = reference({ x, gain, w: dense }, { count: 1, eps: 1e-6 });
  expectClose(await f.floats(y.tensor), spacedRows(shape, want).values, tolerances.dot, 'y');
  gpu.dispose();
});
