import { matmulTile } from '../../../engine/kernels/matmul_tile.ts';
import { matmulTile as reference } from '../../reference/matmul_tile.ts';
import { isFullRun } from '../../support/full.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';
import { describeMatmul } from '../../support/matmul_cases.ts';
import { formatsToTest } from '../../support/weights.ts';

// The lanes of a GPU do not depend on the format: every day one of two planes.
describeKernel('matmul_tile', (fixture, lanes) =>
  describeMatmul(fixture, lanes, matmulTile, reference, {
    formats: lanes.software || isFullRun ? formatsToTest(lanes) : ['Q8_0'],
  }),
);
