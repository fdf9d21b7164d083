import { tileRows } from '../../../engine/kernels/matmul_tile.ts';
import { moeMatmulTile } from '../../../engine/kernels/moe_matmul_tile.ts';
import { moeMatmulTile as reference } from '../../reference/moe_matmul_tile.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';
import { describeMoeMatmul } from '../../support/moe_matmul_cases.ts';

describeKernel('moe_matmul_tile', fixture => describeMoeMatmul(fixture, moeMatmulTile, reference, tileRows));
