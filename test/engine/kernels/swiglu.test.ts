import { test } from 'vitest';
import { swiglu } from '../../../engine/kernels/swiglu.ts';
import { swiglu as reference } from '../../reference/swiglu.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';
import { spacedRows, uploadRows } from '../../support/spaced_rows.ts';

const shapes = [
  { name: 'one value', count: 1, width: 1, gateOffset: 0, upOffset: 0, gap: 0 },
  { name: 'one row of a real expert', count: 1, width: 512, gateOffset: 0, upOffset: 3, gap: 0 },
  { name: 'odd rows and widths', count: 63, width: 65, gateOffset: 5, upOffset: 2, gap: 7 },
];

describeKernel('swiglu', fixture => {
  test.each(shapes)(
    'multiplies silu(gate) and up: $name',
    async ({ count, width, gateOffset, upOffset, gap }) => {
      const f = fixture();
      const random = new Random(width);
      const gate = spacedRows(
        { count, width, offset: gateOffset, stride: width + gap },
        random.normal(count * width, 2),
      );
      const up = spacedRows(
        { count, width, offset: upOffset, stride: width + 2 * gap },
        random.normal(count * width),
      );
      const y = f.poisoned(count * width + 5);
      await f.run(list =>
        swiglu(list, uploadRows(f, gate, 'gate'), uploadRows(f, up, 'up'), y, { count, width }),
      );
      const want = [...reference(gate, up, { count, width }), ...Array<number>(5).fill(NaN)];
      expectClose(await f.floats(y), want, tolerances.elementwise);
    },
  );

  test('gates far from zero do not overflow', async () => {
    const f = fixture();
    const width = 6;
    const gate = spacedRows({ count: 1, width, offset: 0, stride: width }, [-200, -90, -30, 30, 90, 200]);
    const up = spacedRows({ count: 1, width, offset: 0, stride: width }, [1, 1, 1, 1, 1, 1]);
    const y = f.poisoned(width);
    await f.run(list =>
      swiglu(list, uploadRows(f, gate, 'gate'), uploadRows(f, up, 'up'), y, { count: 1, width }),
    );
    expectClose(await f.floats(y), reference(gate, up, { count: 1, width }), tolerances.elementwise);
  });
});
