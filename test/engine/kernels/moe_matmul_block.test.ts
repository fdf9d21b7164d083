import { describe, expect, test } from 'vitest';
import type { MatmulVariant } from '../../../engine/gpu/device.ts';
import { expertTileRows } from '../../../engine/kernels/moe_matmul.ts';
import {
  blockOutputGroups,
  blockTileRows,
  moeMatmulBlock,
} from '../../../engine/kernels/moe_matmul_block.ts';
import { moeMatmulBlock as reference } from '../../reference/moe_matmul_block.ts';
import { tolerances } from '../../support/all_close.ts';
import { isFullRun } from '../../support/full.ts';
import { describeBlock } from '../../support/gpu_fixture.ts';
import { describeMoeMatmul } from '../../support/moe_matmul_cases.ts';

describeBlock('moe_matmul_block', (fixture, { software, tiles }) => {
  const [few, many] = blockTileRows;
  const both = isFullRun ? /f32/.test(tiles) : software && tiles === 'f32';
  describe.each(both ? [few, many] : [many])('tiles of %i entries', tileRows => {
    describeMoeMatmul(fixture, moeMatmulBlock, reference, tileRows!, {
      outputGroups: blockOutputGroups,
      ...{
        f32: {},
        f16: { tolerance: tolerances.halves, formats: ['Q8_0' as const] },
        i8: { tolerance: tolerances.codes, formats: ['Q8_0' as const] },
        'matrix of f32': { formats: ['Q8_0' as const] },
        'matrix of f16': { tolerance: tolerances.halves, formats: ['Q8_0' as const] },
      }[tiles],
    });
  });
});

test('tiles hold as many rows as experts get on average', () => {
  const rows = (matmul: MatmulVariant, count: number) =>
    expertTileRows({ variant: { matmul } }, { count, used: 10, experts: 512 });
  expect([1, 9, 512, 1228, 1229].map(count => rows('block', count))).toEqual([1, 16, 16, 16, 32]);
  expect([1, 9, 4096].map(count => rows('tile', count))).toEqual([1, 8, 8]);
});
