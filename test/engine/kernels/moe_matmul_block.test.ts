import { describe, expect, test } from 'vitest';
import type { MatmulVariant } from '../../../engine/gpu/device.ts';
import { expertTileRows } from '../../../engine/kernels/moe_matmul.ts';
import {
  blockOutputGroups,
  blockTileRows,
  moeMatmulBlock,
} from '../../../engine/kernels/moe_matmul_block.ts';
import type { WeightFormat } from '../../../engine/kernels/weight_matrix.ts';
import { moeMatmulBlock as reference } from '../../reference/moe_matmul_block.ts';
import { tolerances, type Tolerance } from '../../support/all_close.ts';
import { isFullRun } from '../../support/full.ts';
import { describeBlock, type Tiles } from '../../support/gpu_fixture.ts';
import { describeMoeMatmul } from '../../support/moe_matmul_cases.ts';

/**
 * What each kind of tiles is tested with. With the lanes of a GPU every day one format of two planes, whose loops unroll like those of
 * the others: matmul_block has those of one plane and of three.
 */
const ofTiles: Record<Tiles, { tolerance?: Tolerance; formats?: WeightFormat[] }> = {
  f32: {},
  f16: { tolerance: tolerances.halves, formats: ['Q8_0'] },
  i8: { tolerance: tolerances.codes, formats: ['Q8_0'] },
  'matrix of f32': { formats: ['Q8_0'] },
  'matrix of f16': { tolerance: tolerances.halves, formats: ['Q8_0'] },
};

// Matrices of halves run every day in matmul_block.
describeBlock('moe_matmul_block', ['f32'], (fixture, { software, tiles }) => {
  // Both sizes are compiled whichever runs.
  describe.each(blockTileRows)('tiles of %i entries', tileRows => {
    describeMoeMatmul(fixture, moeMatmulBlock, reference, tileRows, {
      outputGroups: blockOutputGroups,
      ...ofTiles[tiles],
      ...(isFullRun || software ? {} : { formats: ['Q8_0'] }),
    });
  });
});

test('tiles hold as many rows as experts get on average', () => {
  const rows = (matmul: MatmulVariant, count: number) =>
    expertTileRows({ variant: { matmul } }, { count, used: 10, experts: 512 });
  expect([1, 9, 512, 983, 984, 1966, 1967].map(count => rows('block', count))).toEqual([
    1, 16, 16, 16, 32, 32, 64,
  ]);
  expect([1, 9, 4096].map(count => rows('tile', count))).toEqual([1, 8, 8]);
});
