import { test } from 'vitest';
import { embedRows } from '../../../engine/kernels/embed_rows.ts';
import { embedRows as reference } from '../../reference/embed_rows.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';
import { columnsMin, formatsToTest, uploadMatrix } from '../../support/weights.ts';

const shapes = [
  { name: 'one id of one row', format: 'F32' as const, rows: 1, columns: 16, partStarts: [0], ids: [0] },
  { name: 'a real row', format: 'Q8_0' as const, rows: 5, columns: 2048, partStarts: [0], ids: [4] },
];

describeKernel('embed_rows', (fixture, lanes) => {
  const everyFormat = formatsToTest(lanes, { everyDay: true }).map(format => ({
    name: 'ids in both parts, one twice, one past the table',
    format,
    rows: 40,
    columns: 2 * columnsMin(format),
    partStarts: [0, 20],
    ids: [39, 0, 17, 17, 19, 20, 40, 21],
  }));
  test.each([...everyFormat, ...shapes])(
    'gathers $format rows: $name',
    async ({ format, rows, columns, partStarts, ids }) => {
      const f = fixture();
      const { w, dense } = uploadMatrix(f, new Random(rows + columns), { format, rows, columns, partStarts });
      const y = f.poisoned(ids.length * columns + 4);
      await f.run(list => embedRows(list, w, f.upload(Uint32Array.from(ids)), y, ids.length));
      expectClose(await f.floats(y), [...reference(dense, ids), NaN, NaN, NaN, NaN], tolerances.decode);
    },
  );
});
