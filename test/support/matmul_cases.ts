// The tests all matrix kernels for batches must pass: every storage format, odd sizes, views with gaps, two parts, accumulation.
import { describe, test } from 'vitest';
import type { CommandList } from '../../engine/gpu/dispatch.ts';
import type { RowView } from '../../engine/kernels/launch.ts';
import type { MatmulOptions } from '../../engine/kernels/matmul_options.ts';
import type { WeightFormat, WeightMatrix } from '../../engine/kernels/weight_matrix.ts';
import type { Matrix } from '../reference/matmul_vec.ts';
import type { Rows } from '../reference/rows.ts';
import { expectClose, tolerances, type Tolerance } from './all_close.ts';
import { isFullRun } from './full.ts';
import type { GpuFixture } from './gpu_fixture.ts';
import { Random } from './random.ts';
import { spacedRows, uploadRows } from './spaced_rows.ts';
import { columnsMin, formatsToTest, uploadMatrix } from './weights.ts';

type Kernel = (list: CommandList, x: RowView, w: WeightMatrix, y: RowView, options: MatmulOptions) => void;
type Reference = (x: Rows, w: Matrix, options: { count: number; before?: Rows }) => Float64Array;

export interface MatmulCase {
  format: WeightFormat;
  count: number;
  rows: number;
  columns: number;
  partStarts?: number[];
  accumulate?: boolean;
}

const counts = [1, 5, 8, 9, 17];
const shapes: MatmulCase[] = [
  { format: 'F32', count: 1, rows: 1, columns: 16 },
  { format: 'F32', count: 9, rows: 3, columns: 48 },
  { format: 'Q8_0', count: 2, rows: 257, columns: 64 },
  { format: 'Q8_0', count: 1, rows: 7, columns: 2048 },
  { format: 'Q8_0', count: 9, rows: 65, columns: 96, accumulate: true },
  { format: 'Q5_1', count: 5, rows: 130, columns: 96, partStarts: [0, 63, 127], accumulate: true },
];

/** Declares the tests of `kernel` against `reference`, and of the shapes that are special to it. */
export function describeMatmul(
  fixture: () => GpuFixture,
  lanes: { software: boolean },
  kernel: Kernel,
  reference: Reference,
  {
    more = [],
    formats = formatsToTest(lanes),
    tolerance = tolerances.dot,
  }: { more?: MatmulCase[]; formats?: readonly WeightFormat[]; tolerance?: Tolerance } = {},
): void {
  const check = async ({ format, count, rows, columns, partStarts, accumulate = false }: MatmulCase) => {
    const f = fixture();
    const random = new Random(rows * 1000 + columns + count);
    const { w, dense } = uploadMatrix(f, random, { format, rows, columns, partStarts });
    const x = spacedRows(
      { count, width: columns, offset: 8, stride: columns + 4 },
      random.normal(count * columns),
    );
    const place = { count, width: rows, offset: 3, stride: rows + 5 };
    const before = spacedRows(
      place,
      accumulate ? random.normal(count * rows) : new Array<number>(count * rows).fill(NaN),
    );
    const y = uploadRows(f, before, 'y');
    await f.run(list => kernel(list, uploadRows(f, x, 'x'), w, y, { count, accumulate }));
    const product = reference(x, dense, accumulate ? { count, before } : { count });
    expectClose(await f.floats(y.tensor), spacedRows(place, product).values, tolerance, 'y');
  };

  describe.each(formats)('weights stored as %s', format => {
    test.each(counts)('times %i rows, cut into two parts', async count => {
      await check({ format, count, rows: 37, columns: 2 * columnsMin(format), partStarts: [0, 18] });
    });
  });

  // A format that is not asked for costs a compilation of its own.
  test.each([...shapes, ...more].filter(({ format }) => isFullRun || formats.includes(format)))(
    '$format [$rows, $columns] times $count rows, parts from $partStarts, accumulating: $accumulate',
    check,
  );
}
