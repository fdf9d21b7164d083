// Where the device has no subgroups of 8 lanes, the kernel that stands in for it there is tested instead.
import { expect, test } from 'vitest';
import { hasShuffle } from '../../../engine/kernels/launch.ts';
import { matmulShuffle } from '../../../engine/kernels/matmul_shuffle.ts';
import { matmulTile } from '../../../engine/kernels/matmul_tile.ts';
import { matmulShuffle as reference } from '../../reference/matmul_shuffle.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';
import { describeMatmul } from '../../support/matmul_cases.ts';

describeKernel('matmul_shuffle', (fixture, lanes) => {
  test('is chosen on a software device of 8 lanes, and only there', () => {
    const { gpu } = fixture();
    expect(hasShuffle(gpu)).toBe(lanes.software && gpu.subgroupLanes === 8);
    if (gpu.facts.name.startsWith('llvmpipe') && lanes.software) expect(hasShuffle(gpu)).toBe(true);
  });
  describeMatmul(
    fixture,
    lanes,
    (list, ...rest) => (hasShuffle(list.gpu) ? matmulShuffle : matmulTile)(list, ...rest),
    reference,
  );
});
