import { expect, test } from 'vitest';
import { codedFormats } from '../../../engine/kernels/block.ts';
import { rows } from '../../../engine/kernels/launch.ts';
import { matmulBlock } from '../../../engine/kernels/matmul_block.ts';
import type { WeightFormat } from '../../../engine/kernels/weight_matrix.ts';
import { matmulBlock as reference } from '../../reference/matmul_block.ts';
import { expectClose, tolerances, type Tolerance } from '../../support/all_close.ts';
import { inFullRun, isFullRun } from '../../support/full.ts';
import { describeBlock, type Tiles } from '../../support/gpu_fixture.ts';
import { describeMatmul, type MatmulCase } from '../../support/matmul_cases.ts';
import { Random } from '../../support/random.ts';
import { uploadMatrix } from '../../support/weights.ts';

/** On both sides of the borders of blocks of 32 and of 64 rows, and longer than a block of outputs. */
const more: MatmulCase[] = [
  { format: 'F32', count: 32, rows: 5, columns: 48 },
  { format: 'F32', count: 33, rows: 63, columns: 80 },
  { format: 'Q8_0', count: 64, rows: 65, columns: 96, partStarts: [0, 1], accumulate: true },
  { format: 'Q8_0', count: 131, rows: 130, columns: 32 },
];

/**
 * What each kind of tiles is tested with. With the lanes of a GPU every day formats of one plane and of three: moe_matmul_block has one
 * of two. Matrices take any format from the same accessor.
 */
const ofTiles: Record<Tiles, { tolerance?: Tolerance; formats?: readonly WeightFormat[] }> = {
  f32: {},
  f16: { formats: ['Q8_0'], tolerance: tolerances.halves },
  i8: { formats: [...codedFormats], tolerance: tolerances.codes },
  'matrix of f32': { formats: inFullRun(['Q8_0', 'Q4_K'], ['Q8_0']) },
  'matrix of f16': { formats: ['Q8_0'], tolerance: tolerances.halves },
};

describeBlock('matmul_block', ['f32', 'f16'], (fixture, { software, tiles }) => {
  test('stages halves where they are wanted and there', () => {
    const { gpu } = fixture();
    expect(gpu.variant.staged).toBe(tiles.split(' ')[0]);
    if (gpu.facts.name.startsWith('llvmpipe')) expect(gpu.hasF16).toBe(true);
  });
  describeMatmul(fixture, { software }, matmulBlock, reference, {
    more,
    ...ofTiles[tiles],
    ...(isFullRun || software ? {} : { formats: ['F32', 'Q5_1'] }),
  });
  if (software || isFullRun)
    test('rows of weights that are to be exact are, beside others and across parts', async () => {
      const f = fixture();
      const [count, columns, outputs, exactFrom] = [5, 64, 21, 13];
      const random = new Random(6);
      const { w, dense } = uploadMatrix(f, random, {
        format: 'Q8_0',
        rows: outputs,
        columns,
        partStarts: [0, 6, 17],
      });
      const values = random.normal(count * columns);
      const x = { values, offset: 0, stride: columns };
      const y = f.poisoned(count * outputs);
      await f.run(list =>
        matmulBlock(list, rows(f.upload(values), columns), w, rows(y, outputs), { count, exactFrom }),
      );
      const want = reference(x, dense, { count });
      const got = await f.floats(y);
      const of = (all: ArrayLike<number>, first: number, end: number) =>
        Float64Array.from({ length: count * (end - first) }, (_, i) => {
          const [t, m] = [Math.floor(i / (end - first)), first + (i % (end - first))];
          return all[t * outputs + m] as number;
        });
      expectClose(of(got, exactFrom, outputs), of(want, exactFrom, outputs), tolerances.dot, 'exact');
      const { tolerance = tolerances.dot } = ofTiles[tiles];
      expectClose(of(got, 0, exactFrom), of(want, 0, exactFrom), tolerance, 'the others');
    });
  if (tiles !== 'i8') return;
  test('rows of activations that no codes can hold show as NaN, zeros as zeros', async () => {
    const f = fixture();
    const { w } = uploadMatrix(f, new Random(4), { format: 'Q8_0', rows: 8, columns: 64 });
    const x = new Float32Array(6 * 64);
    x[1 * 64 + 40] = NaN;
    x[2 * 64] = Infinity;
    x[3 * 64 + 5] = 3e38;
    x[4 * 64 + 5] = 1e-36;
    x[5 * 64 + 5] = 1;
    const y = f.poisoned(6 * 8);
    await f.run(list => matmulBlock(list, rows(f.upload(x), 64), w, rows(y, 8), { count: 6 }));
    const got = await f.floats(y);
    const row = (t: number) => [...got.subarray(t * 8, t * 8 + 8)];
    expect(row(0)).toEqual(new Array(8).fill(0));
    expect(row(1)).toEqual(new Array(8).fill(NaN));
    expect(row(2)).toEqual(new Array(8).fill(NaN));
    // The same weights times 3e38, 1e-36 (no codes: nothing) and 1.
    for (const [i, value] of row(3).entries())
      expect(Math.abs(value / 3e38 - row(5)[i]!)).toBeLessThanOrEqual(1e-4);
    expect(row(4)).toEqual(new Array(8).fill(0));
    expect(row(5).some(value => Math.abs(value) > 0.01)).toBe(true);
  });
});
