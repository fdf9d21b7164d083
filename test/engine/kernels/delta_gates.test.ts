import { test } from 'vitest';
import { deltaGates } from '../../../engine/kernels/delta_gates.ts';
import { deltaGates as reference } from '../../reference/delta_gates.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';
import { spacedRows, uploadRows } from '../../support/spaced_rows.ts';

const shapes = [
  { name: 'one head', count: 1, heads: 1, offset: 0, gap: 0 },
  { name: 'one token of a real model', count: 1, heads: 32, offset: 12288, gap: 32 },
  { name: 'odd counts', count: 63, heads: 3, offset: 7, gap: 5 },
  { name: 'heads over two workgroups', count: 2, heads: 65, offset: 1, gap: 2 },
];

describeKernel('delta_gates', fixture => {
  test.each(shapes)('gives write strength and log decay of $name', async ({ count, heads, offset, gap }) => {
    const f = fixture();
    const random = new Random(heads);
    const rows = (at: number) =>
      spacedRows({ count, width: heads, offset: at, stride: heads + gap }, random.normal(count * heads, 3));
    const [b, a] = [rows(offset), rows(offset + 2)];
    const negA = random.uniform(heads).map(v => -Math.exp(3 * v));
    const dtBias = random.normal(heads, 2);
    const gates = f.poisoned(count * heads * 2 + 6);
    await f.run(list =>
      deltaGates(
        list,
        {
          b: uploadRows(f, b, 'b'),
          a: uploadRows(f, a, 'a'),
          gateWeights: f.upload(Float32Array.from([...negA, ...dtBias])),
          gates,
        },
        { count, heads },
      ),
    );
    const want = [...reference({ b, a, negA, dtBias }, { count, heads }), ...Array<number>(6).fill(NaN)];
    expectClose(await f.floats(gates), want, tolerances.elementwise);
  });

  test('arguments far from zero give neither infinity nor a decay of exactly none', async () => {
    const f = fixture();
    const values = [-100, -30, -15, -8, 0, 8, 30, 100];
    const heads = values.length;
    const row = spacedRows({ count: 1, width: heads, offset: 0, stride: heads }, values);
    const negA = new Float32Array(heads).fill(-1);
    const dtBias = new Float32Array(heads);
    const gates = f.poisoned(heads * 2);
    const view = uploadRows(f, row, 'a and b');
    await f.run(list =>
      deltaGates(
        list,
        { b: view, a: view, gateWeights: f.upload(Float32Array.from([...negA, ...dtBias])), gates },
        { count: 1, heads },
      ),
    );
    const want = reference({ b: row, a: row, negA, dtBias }, { count: 1, heads });
    // The relative part alone: log decays of -1e-7 act over a hundred thousand tokens. WGSL grants exp 3 + 2 |x| units.
    expectClose(await f.floats(gates), want, { ...tolerances.elementwise, absolute: 1e-37, relative: 1e-5 });
  });
});
