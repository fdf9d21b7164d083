// Where the device has no subgroups of 8 lanes, the kernel that stands in for it there is tested instead.
import { hasShuffle } from '../../../engine/kernels/launch.ts';
import { tileRows } from '../../../engine/kernels/matmul_tile.ts';
import { moeMatmulShuffle } from '../../../engine/kernels/moe_matmul_shuffle.ts';
import { moeMatmulTile } from '../../../engine/kernels/moe_matmul_tile.ts';
import { moeMatmulShuffle as reference } from '../../reference/moe_matmul_shuffle.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';
import { describeMoeMatmul } from '../../support/moe_matmul_cases.ts';

describeKernel('moe_matmul_shuffle', fixture =>
  describeMoeMatmul(
    fixture,
    (list, ...rest) => (hasShuffle(list.gpu) ? moeMatmulShuffle : moeMatmulTile)(list, ...rest),
    reference,
    tileRows,
  ),
);
