import { matmulVec } from '../../../engine/kernels/matmul_vec.ts';
import { matmulVec as reference } from '../../reference/matmul_vec.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';
import { describeMatmul } from '../../support/matmul_cases.ts';

describeKernel('matmul_vec', (fixture, lanes) => describeMatmul(fixture, lanes, matmulVec, reference));
