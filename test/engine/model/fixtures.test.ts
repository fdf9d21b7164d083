// The whole model against the reference implementation: logits, states and greedy tokens of the golden fixtures.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Tolerances } from '../../../engine/cli/verify_expected.ts';
import { promptSplits, verifyFixture, type VerifyReport } from '../../../engine/cli/verify_fixture.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { inFullRun, isFullRun } from '../../support/full.ts';
import { unpackKv } from '../../support/kv_rows.ts';

/**
 * Each fixture, and the ways it is read every day; in a full run every one is read in every way. A batch compiles kernels that tokens by
 * themselves do without, and the greedy tokens after it run the kernels of those. So the formats of gguf_next, which all kernels for
 * batches are tested with, come one by one.
 */
const everyDay = {
  default: ['one batch', 'one batch, recurrent', 'several batches', 'token by token'],
  realdims: ['one batch, recurrent'],
  tied_nonorm: ['one batch, recurrent'],
  gguf_next: ['token by token'],
  gguf_legacy: ['token by token'],
  gguf_q4km: ['one batch, recurrent'],
  gguf_35moe: ['one batch', 'one batch, recurrent', 'several batches', 'token by token'],
  yarn: ['one batch, recurrent'],
  qwen35_dense: ['one batch, recurrent'],
  qwen35_moe: ['token by token'],
};
const fixtures = Object.keys(everyDay) as (keyof typeof everyDay)[];
const folder = (name: string) => join(import.meta.dirname, '../../golden/fixtures', name);

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openGpu();
});
afterAll(() => gpu.dispose());

/** Every tensor within its tolerance, every token equal; prints the largest errors. */
function expectAgreement(what: string, { rows, tokens, passed }: VerifyReport): void {
  const worst = (pattern: RegExp) =>
    Math.max(...rows.filter(row => pattern.test(row.name)).map(row => row.error)).toExponential(1);
  const equal = tokens.every(({ got, want }) => got.join() === want.join());
  console.info(
    `verify ${what}: logits ${worst(/logits/)}, hidden ${worst(/out$|norm|hidden/)}, states ${worst(/state|tail/)}, tokens ${equal ? 'equal' : 'DIFFERENT'}`,
  );
  for (const row of rows) expect.soft(row.error, row.name).toBeLessThanOrEqual(row.tolerance);
  for (const { got, want } of tokens) expect(got).toEqual(want);
  expect(passed).toBe(true);
}

describe.each(fixtures)('fixture %s', name => {
  const splits = promptSplits.filter(split => isFullRun || everyDay[name].includes(split.name));
  test.each(splits)('agrees with the reference when the prompt is read as: $name', async split => {
    expectAgreement(`${name}, ${split.name}`, await verifyFixture(gpu, folder(name), split));
  });
});

/**
 * What keys and values in fewer bits may cost, tokens still being equal: about twice what it costs. A half has 11 bits, and no
 * router of the fixtures goes another way. 8 bits leave half a 127th of the largest of 32; near ties of routers do break there.
 */
const keptKv: Record<'f16' | 'q8', Tolerances> = {
  f16: { logits: 6e-3, hidden: 6e-3, state: 4e-3, table: 2e-7, rowsApart: 0 },
  q8: { logits: 5e-2, hidden: 8e-2, state: 4e-2, table: 2e-7, rowsApart: 0.01 },
};
/** Its three attention layers stand between DeltaNet layers that carry a row whose experts were others on to the rows after it. */
const oftenApart: Tolerances = { ...keptKv.q8, logits: 0.2, hidden: 0.3, state: 7e-2, rowsApart: 0.05 };

describe.each(['f16', 'q8'] as const)('with keys and values in %s', format => {
  // 8 bits take kernels of their own for every width of a head.
  const ofEveryDay: Record<typeof format, typeof fixtures> = {
    f16: ['default', 'qwen35_dense'],
    q8: ['default'],
  };
  test.each(inFullRun(fixtures, ofEveryDay[format]))('fixture %s agrees as far as they allow', async name => {
    const tolerances = format === 'q8' && name === 'tied_nonorm' ? oftenApart : keptKv[format];
    const read = (words: Uint32Array, dim: number) => unpackKv(format, words, dim);
    const kv = { format, read, tolerances };
    // Batches, and steps of one and five rows.
    const split = promptSplits.find(({ name }) => name === 'several batches')!;
    expectAgreement(`${name}, ${format}`, await verifyFixture(gpu, folder(name), split, kv));
  });
});

test.each(inFullRun(['default', 'gguf_next'], ['default']))(
  'fixture %s agrees when every matrix is split to bindings of 8 KiB',
  async name => {
    const small = await openGpu({ limits: { storageBindingBytesMax: 8192 } });
    try {
      expectAgreement(`${name} in parts`, await verifyFixture(small, folder(name), promptSplits[0]!));
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
