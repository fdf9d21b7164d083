// The whole model against the reference implementation: logits, states and greedy tokens of the golden fixtures.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { promptSplits, verifyFixture } from '../../../engine/cli/verify_fixture.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';

const fixtures = [
  'default',
  'realdims',
  'tied_nonorm',
  'gguf_next',
  'gguf_legacy',
  'gguf_q4km',
  'gguf_35moe',
  'yarn',
  'qwen35_dense',
  'qwen35_moe',
];
const folder = (name: string) => join(import.meta.dirname, '../../golden/fixtures', name);

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openGpu();
});
afterAll(() => gpu.dispose());

describe.each(fixtures)('fixture %s', name => {
  test.each(promptSplits)('agrees with the reference when the prompt is read as: $name', async split => {
    const report = await verifyFixture(gpu, folder(name), split);
    const worst = (pattern: RegExp) =>
      Math.max(...report.rows.filter(row => pattern.test(row.name)).map(row => row.error));
    const line = `verify ${name}, ${split.name}: logits ${worst(/logits/).toExponential(1)}, states ${worst(/state/).toExponential(1)}`;
    console.info(
      `${line}, tokens ${report.tokens.every(({ got, want }) => got.join() === want.join()) ? 'equal' : 'DIFFERENT'}`,
    );
    for (const row of report.rows) expect.soft(row.error, row.name).toBeLessThanOrEqual(row.tolerance);
    for (const { got, want } of report.tokens) expect(got).toEqual(want);
    expect(report.passed).toBe(true);
  });
});

test.each(['default', 'gguf_next'])(
  'fixture %s agrees when every matrix is split to bindings of 8 KiB',
  async name => {
    const small = await openGpu({ limits: { storageBindingBytesMax: 8192 } });
    try {
      const report = await verifyFixture(small, folder(name), promptSplits[0]!);
      for (const row of report.rows) expect.soft(row.error, row.name).toBeLessThanOrEqual(row.tolerance);
      expect(report.passed).toBe(true);
    } finally {
      small.dispose();
    }
  },
);

test('all buffers are free again after a fixture', async () => {
  const before = gpu.buffers.liveCount;
  await verifyFixture(gpu, folder('tied_nonorm'), promptSplits[0]!);
  expect(gpu.buffers.liveCount).toBe(before);
});
