import { expect, test } from 'vitest';
import { matmulBlock } from '../../../engine/kernels/matmul_block.ts';
import { matmulBlock as reference } from '../../reference/matmul_block.ts';
import { tolerances } from '../../support/all_close.ts';
import { describeBlock } from '../../support/gpu_fixture.ts';
import { describeMatmul, type MatmulCase } from '../../support/matmul_cases.ts';
import { formatsToTest } from '../../support/weights.ts';

/** On both sides of the borders of blocks of 32 and of 64 rows, and longer than a block of outputs. */
const more: MatmulCase[] = [
  { format: 'F32', count: 32, rows: 5, columns: 48 },
  { format: 'F32', count: 33, rows: 63, columns: 80 },
  { format: 'Q8_0', count: 64, rows: 65, columns: 96, partStarts: [0, 1], accumulate: true },
  { format: 'Q8_0', count: 131, rows: 130, columns: 32 },
];

describeBlock('matmul_block', (fixture, { software, halves }) => {
  test('stages halves where they are wanted and there', () => {
    const { gpu } = fixture();
    expect(gpu.variant.staged).toBe(halves ? 'f16' : 'f32');
    if (gpu.facts.name.startsWith('llvmpipe')) expect(gpu.hasF16).toBe(true);
  });
  describeMatmul(fixture, { software }, matmulBlock, reference, {
    more,
    ...(halves
      ? { formats: ['Q8_0'], tolerance: tolerances.halves }
      : { formats: formatsToTest({ software }) }),
  });
});
