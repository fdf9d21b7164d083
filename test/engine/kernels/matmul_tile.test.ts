import { matmulTile } from '../../../engine/kernels/matmul_tile.ts';
import { matmulTile as reference } from '../../reference/matmul_tile.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';
import { describeMatmul } from '../../support/matmul_cases.ts';

describeKernel('matmul_tile', (fixture, lanes) => describeMatmul(fixture, lanes, matmulTile, reference));
