import { tileRows } from '../../../engine/kernels/matmul_tile.ts';
import { moeMatmulShuffle } from '../../../engine/kernels/moe_matmul_shuffle.ts';
import { moeMatmulShuffle as reference } from '../../reference/moe_matmul_shuffle.ts';
import { describeShuffleKernel } from '../../support/gpu_fixture.ts';
import { describeMoeMatmul } from '../../support/moe_matmul_cases.ts';

describeShuffleKernel('moe_matmul_shuffle', fixture =>
  describeMoeMatmul(fixture, moeMatmulShuffle, reference, tileRows),
);
