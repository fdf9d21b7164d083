import { moeMatmulVec } from '../../../engine/kernels/moe_matmul_vec.ts';
import { moeMatmulVec as reference } from '../../reference/moe_matmul_vec.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';
import { describeMoeMatmul } from '../../support/moe_matmul_cases.ts';

describeKernel('moe_matmul_vec', fixture => describeMoeMatmul(fixture, moeMatmulVec, reference, 1));
