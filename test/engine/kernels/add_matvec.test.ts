import { test } from 'vitest';
import { addMatvec } from '../../../engine/kernels/add_matvec.ts';
import { rows } from '../../../engine/kernels/launch.ts';
import { addMatvec as reference } from '../../reference/add_matvec.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { describeMatvec, shapesFor } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';
import { spacedRows, uploadRows } from '../../support/spaced_rows.ts';
import { uploadMatrix } from '../../support/weights.ts';

const shapes = [
  { format: 'F32', count: 1, rows: 1, columns: 16, partStarts: [0] },
  { format: 'Q8_0', count: 2, rows: 65, columns: 96, partStarts: [0, 64] },
  { format: 'Q5_1', count: 7, rows: 30, columns: 320, partStarts: [0, 13, 14] },
] as const;

describeMatvec('add_matvec', 'all teams', (fixture, device) => {
  test.each(shapesFor(shapes, device))(
    'adds $format [$rows, $columns] times $count rows, parts from $partStarts',
    async c => {
      const { format, count, rows, columns, partStarts } = c;
      const f = fixture();
      const random = new Random(rows + columns);
      const { w, dense } = uploadMatrix(f, random, { format, rows, columns, partStarts: [...partStarts] });
      const place = { count, width: columns, offset: 4, stride: columns + 8 };
      const x = spacedRows(place, random.normal(count * columns));
      const shape = { count, width: rows, offset: 1, stride: rows + 2 };
      const before = spacedRows(shape, random.normal(count * rows));
      const y = uploadRows(f, before, 'y');
      await f.run(list => addMatvec(list, { x: uploadRows(f, x, 'x'), w, y }, { count }));
      const want = reference({ x, w: dense, y: before }, count);
      expectClose(await f.floats(y.tensor), spacedRows(shape, want).values, tolerances.dot, 'y');
    },
  );

  test('writes instead of adding when told to', async () => {
    const f = fixture();
    const random = new Random(8);
    const [count, outputs, columns] = [2, 35, 64];
    const { w, dense } = uploadMatrix(f, random, { format: 'Q8_0', rows: outputs, columns });
    const x = { values: random.normal(count * columns), offset: 0, stride: columns };
    const y = f.poisoned(count * outputs);
    await f.run(list =>
      addMatvec(
        list,
        { x: rows(f.upload(x.values), columns), w, y: rows(y, outputs) },
        { count, accumulate: false },
      ),
    );
    const nothing = { values: new Float32Array(count * outputs), offset: 0, stride: outputs };
    expectClose(await f.floats(y), reference({ x, w: dense, y: nothing }, count), tolerances.dot, 'y');
  });
});
