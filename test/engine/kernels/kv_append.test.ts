import { test } from 'vitest';
import { kvAppend } from '../../../engine/kernels/kv_append.ts';
import { kvAppend as reference } from '../../reference/kv_append.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';
import { spacedRows, uploadRows } from '../../support/spaced_rows.ts';

const shapes = [
  { name: 'one value to an empty cache', count: 1, width: 1, row: 0, capacity: 2 },
  { name: 'a real row after others', count: 1, width: 512, row: 3, capacity: 5 },
  { name: 'a batch that fills the cache', count: 65, width: 127, row: 2, capacity: 67 },
];

describeKernel('kv_append', fixture => {
  test.each(shapes)('copies $name and leaves the other rows', async ({ count, width, row, capacity }) => {
    const f = fixture();
    const random = new Random(width);
    const before = random.normal(row * width);
    const held = new Float32Array(capacity * width).fill(NaN);
    held.set(before);
    const x = spacedRows({ count, width, offset: 3, stride: width + 5 }, random.normal(count * width));
    const cache = f.upload(held, 'cache');
    await f.run(list => kvAppend(list, uploadRows(f, x, 'x'), cache, { count, width, row }));
    expectClose(await f.floats(cache), reference(x, held, { count, width, row }), tolerances.exact);
  });
});
