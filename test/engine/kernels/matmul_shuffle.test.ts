import { expect, test } from 'vitest';
import { hasShuffle } from '../../../engine/kernels/launch.ts';
import { matmulShuffle } from '../../../engine/kernels/matmul_shuffle.ts';
import { matmulShuffle as reference } from '../../reference/matmul_shuffle.ts';
import { describeKernel, describeShuffleKernel } from '../../support/gpu_fixture.ts';
import { describeMatmul } from '../../support/matmul_cases.ts';
import { formatsToTest } from '../../support/weights.ts';

describeKernel('the choice of matmul_shuffle', (fixture, lanes) => {
  test('falls on a software device of 8 lanes, and only there', () => {
    const { gpu } = fixture();
    expect(hasShuffle(gpu)).toBe(lanes.software && gpu.subgroupLanes === 8);
    if (gpu.facts.name.startsWith('llvmpipe') && lanes.software) expect(hasShuffle(gpu)).toBe(true);
  });
});

describeShuffleKernel('matmul_shuffle', fixture =>
  // Stands for all kernels that read quads of weights.
  describeMatmul(fixture, { software: true }, matmulShuffle, reference, {
    formats: formatsToTest({ software: true }, { everyDay: true }),
  }),
);
