// `verify` on fixtures that are right and on spoiled ones.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { promptSplits, verifyFixture } from '../../../engine/cli/verify_fixture.ts';
import { verifyQuants } from '../../../engine/cli/verify_quants.ts';
import { verifyTables } from '../../../engine/cli/verify_tables.ts';
import { blockFormats } from '../../../engine/checkpoint/quant.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { isFullRun } from '../../support/full.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';
import { fixturePath } from '../../support/golden.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

const directory = temporaryDirectory();
let copies = 0;
let gpu: Gpu;
beforeAll(async () => {
  gpu = await openGpu();
});
afterAll(() => gpu.dispose());

/** A copy of a fixture with one file changed. */
function spoiled(fixture: string, file: string, change: (bytes: Buffer) => Buffer | string): string {
  const copy = join(directory, `${fixture} ${++copies}`);
  cpSync(fixturePath(fixture), copy, { recursive: true });
  writeFileSync(join(copy, file), change(readFileSync(join(copy, file))));
  return copy;
}

// Every day formats.test.ts compares every type with its reference values.
if (isFullRun)
  test('every storage type of the fixture "quants" decodes to its reference values, and nothing stays on the device', async () => {
    const before = gpu.buffers.liveCount;
    const report = await verifyQuants(gpu, fixturePath('quants'));
    const types = Object.entries(blockFormats).flatMap(([type, { elements }]) =>
      elements > 1 ? [type] : [],
    );
    expect(report.rows.map(row => row.name).sort()).toEqual(types.sort());
    for (const row of report.rows) expect.soft(row.error, row.name).toBeLessThanOrEqual(row.tolerance);
    expect(report.passed).toBe(true);
    expect(gpu.buffers.liveCount).toBe(before);
  });

test('one wrong value in "quants" is found', async () => {
  const copy = spoiled('quants', 'quants.safetensors', bytes => {
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 0x40;
    return bytes;
  });
  const report = await verifyQuants(gpu, copy);
  expect(report.rows.filter(row => !(row.error <= row.tolerance))).toHaveLength(1);
  expect(report.passed).toBe(false);
});

test('the fixture "tables" agrees: rotary tables and pieces of text', async () => {
  const report = await verifyTables(fixturePath('tables'));
  expect(report.rows).toHaveLength(6 * 3 + 2);
  for (const row of report.rows) expect.soft(row.error, row.name).toBeLessThanOrEqual(row.tolerance);
  expect(report.passed).toBe(true);
});

test.each([
  ['rope.json', '"attention_factor": 1.0,', '"attention_factor": 1.01,', 3],
  ['pretokenizer.json', '"Hello",', '"Hallo",', 2],
])('a wrong value in %s is found', async (file, right, wrong, rows) => {
  const copy = spoiled('tables', file, bytes => {
    const text = bytes.toString('utf8');
    expect(text).toContain(right);
    return text.replaceAll(right, wrong);
  });
  const report = await verifyTables(copy);
  expect(report.passed).toBe(false);
  expect(report.rows.filter(row => row.error > row.tolerance).length).toBeLessThanOrEqual(rows);
});

test('a folder of tables without its texts is a named error', async () => {
  const error = await hearthErrorOf(() => verifyTables(directory));
  expect(error.code).toBe('badCheckpoint');
  expect(error.message).toContain('rope.json');
});

/** What `verify` says of a spoiled copy: the tensors that fail. */
async function failing(fixture: string, file: string, change: (bytes: Buffer) => Buffer | string) {
  const report = await verifyFixture(gpu, spoiled(fixture, file, change), promptSplits[0]!);
  expect(report.passed).toBe(false);
  return report.rows.filter(row => !(row.error <= row.tolerance)).map(row => row.name);
}
/** The same file with a tensor called otherwise, or anything else of its header changed that keeps its length. */
const inHeader = (right: string, wrong: string) => (bytes: Buffer) => {
  expect(wrong).toHaveLength(right.length);
  const at = bytes.indexOf(right);
  expect(at).toBeGreaterThan(0);
  bytes.write(wrong, at);
  return bytes;
};

test('a tensor that is expected and was not compared fails', async () => {
  const change = inHeader('"decode_end.state.0.conv"', '"decode_end.state.9.conv"');
  const names = await failing('qwen35_moe', 'expected.safetensors', change);
  expect(names).toEqual(['decode_end.state.9.conv']);
});

test('a tensor that the fixture lacks is a named error', async () => {
  const change = inHeader('"state.2.conv"', '"debug.2.conv"');
  const error = await hearthErrorOf(() => failing('qwen35_moe', 'expected.safetensors', change));
  expect(error.code).toBe('badCheckpoint');
  expect(error.message).toContain('state.2.conv');
});

test('a model without the MTP block that the fixture expects fails', async () => {
  const change = inHeader('"mtp_num_hidden_layers": 1', '"mtp_num_hidden_layers": 0');
  const names = await failing('qwen35_moe', 'config.json', change);
  expect(names).toEqual([
    'mtp.cont_logits',
    ...['hidden', 'logits', 'tokens'].map(name => `mtp.draft_${name}`),
    ...['hidden', 'k_tail', 'logits', 'v_tail'].map(name => `mtp.${name}`),
  ]);
});

test('one wrong value of a state fails', async () => {
  const names = await failing('qwen35_moe', 'expected.safetensors', bytes => {
    const header = JSON.parse(bytes.toString('utf8', 8, 8 + Number(bytes.readBigUInt64LE()))) as Record<
      string,
      { data_offsets: number[] }
    >;
    const at = 8 + Number(bytes.readBigUInt64LE()) + (header['state.0.recurrent']?.data_offsets[0] as number);
    bytes.writeFloatLE(bytes.readFloatLE(at) + 2e-4, at);
    return bytes;
  });
  expect(names).toEqual(['state.0.recurrent']);
});
