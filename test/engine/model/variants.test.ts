// The whole model against the reference implementation in the variants of a GPU, which no software device takes by itself.
import { describe, expect, test } from 'vitest';
import { promptSplits, verifyFixture, type PromptSplit } from '../../../engine/cli/verify_fixture.ts';
import { defaultVariant, openGpu, type OpenGpuOptions } from '../../../engine/gpu/device.ts';
import { inFullRun, isFullRun } from '../../support/full.ts';
import { fixturePath } from '../../support/golden.ts';

test('a GPU that nothing was measured on computes batches in tiles, a software device does not', () => {
  const variants = (software: boolean, subgroupLanes: number) => {
    const { matmul, attention } = defaultVariant({ software, subgroupLanes });
    return [matmul, attention];
  };
  expect(variants(false, 8)).toEqual(['block', 'flash']);
  expect(variants(true, 8)).toEqual(['shuffle', 'shuffle']);
  expect(variants(true, 4)).toEqual(['tile', 'prefill']);
});

// Long batches, short ones and single rows.
const several = promptSplits.find(({ name }) => name === 'several batches')!;
const withShort: PromptSplit = { ...several, delta: 'recurrent' };
/** Five rows are a set of pipelines of their own. */
const withoutShort: PromptSplit = { ...withShort, cuts: () => [1, 63, 64] };

interface Lanes extends OpenGpuOptions {
  lanes: string;
  fixtures: string[];
  split?: PromptSplit;
  staged?: 'matrix';
}
const matrices: Lanes = {
  lanes: 'a software device, and matrices,',
  software: true,
  fixtures: ['qwen35_moe'],
  staged: 'matrix',
  emulateMatrix: { outputs: 8, rows: 8, depth: 8, halves: false },
};
const devices: Lanes[] = [
  // With the lanes of a GPU every kernel of the model compiles for seconds, so one fixture does, without an MTP block. Unrolled loops and
  // batches of five rows are left to a full run: every day the tests of the kernels have both.
  {
    lanes: 'a GPU',
    software: false,
    fixtures: inFullRun(['default', 'realdims'], ['realdims']),
    rolledLoops: !isFullRun,
    split: inFullRun(withShort, withoutShort),
  },
  {
    lanes: 'a software device',
    software: true,
    fixtures: inFullRun(['gguf_q4km', 'qwen35_moe'], ['qwen35_moe']),
  },
  ...inFullRun([matrices], []),
];

test('attention by teams, of batches and of few rows, agrees with the reference', async () => {
  // The rest as on a software device, which compiles it fastest.
  const gpu = await openGpu({ software: true, variant: { attention: 'team', fewAttention: 'team' } });
  try {
    const report = await verifyFixture(gpu, fixturePath('default'), withShort);
    for (const row of report.rows) expect.soft(row.error, row.name).toBeLessThanOrEqual(row.tolerance);
    for (const { got, want } of report.tokens) expect(got).toEqual(want);
    expect(report.passed).toBe(true);
  } finally {
    gpu.dispose();
  }
});

describe.each(devices)(
  'products, experts and attention in tiles with the lanes of $lanes',
  ({ fixtures, staged, split = withShort, ...device }) => {
    test.each(fixtures)('agree with the reference: fixture %s', async name => {
      const gpu = await openGpu({
        ...device,
        variant: { matmul: 'block', attention: 'flash', ...(staged && { staged }) },
      });
      try {
        const report = await verifyFixture(gpu, fixturePath(name), split);
        for (const row of report.rows) expect.soft(row.error, row.name).toBeLessThanOrEqual(row.tolerance);
        for (const { got, want } of report.tokens) expect(got).toEqual(want);
        expect(report.passed).toBe(true);
      } finally {
        gpu.dispose();
      }
    });
  },
);
