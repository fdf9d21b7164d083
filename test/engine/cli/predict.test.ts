// `predict` on the command line: what it prints, and what it says of devices and models that it does not know.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { runCommand } from '../../../engine/cli/commands.ts';
import { parseDevice } from '../../../engine/cli/device_file.ts';
import { predictFor, type Prediction } from '../../../engine/cli/predict.ts';
import { parseCatalogue } from '../../../engine/shared/architecture/catalogue.ts';
import { predictedTestDevice } from '../../support/device_models.ts';
import { embeddedModelPath } from '../../support/embedded_model.ts';
import { fixturePath } from '../../support/golden.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

const file = new URL('../../../media/catalogue.json', import.meta.url);
const catalogue = parseCatalogue(readFileSync(file, 'utf8'), 'catalogue.json');
const directory = temporaryDirectory();
const deviceFile = join(directory, 'device.json');
const description = predictedTestDevice();
writeFileSync(deviceFile, JSON.stringify(description));

/** What the command writes. */
async function printed(...args: string[]): Promise<string> {
  let text = '';
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation(part => {
    text += String(part);
    return true;
  });
  try {
    await runCommand('predict', args);
  } finally {
    spy.mockRestore();
  }
  return text;
}

test.each(
  catalogue.flatMap(({ id, variants }) =>
    variants
      .map(({ quantization }) => ({ id, quantization }))
      .filter(({ quantization }) => !quantization.startsWith('UD-')),
  ),
)('$id in $quantization', async ({ id, quantization }) => {
  const args = ['--device', deviceFile, '--model', id, '--quantization', quantization, '--json'];
  const found = JSON.parse(await printed(...args)) as Prediction;
  expect(found).toMatchObject({ device: 'test device', model: `${id} ${quantization}`, prefill_tokens: 512 });
  expect(found.decode_tps).toBeGreaterThan(0);
  expect(found.prefill_tps).toBeGreaterThan(found.decode_tps);
  expect(found.weights_bytes).toBeGreaterThan(1e6);
});

test('a file and a folder are counted as they are', async () => {
  const options = { context: 0, prefill: 128 };
  const file = await predictFor(deviceFile, embeddedModelPath, options);
  expect(file).toMatchObject({ quantization: 'Q8_0', batch_rows: 128 });
  const shape = await predictFor(deviceFile, 'hearth-tiny', options);
  expect(shape.dispatches_per_token).toBe(file.dispatches_per_token);
  expect(shape.bytes_per_token / file.bytes_per_token).toBeCloseTo(1, 2);
  const folder = await predictFor(deviceFile, fixturePath('default'), { context: 0, prefill: 8 });
  expect(folder.quantization).toBe('BF16');
});

test('a person reads that it is a prediction, with speed and memory', async () => {
  const args = ['--device', 'rtx 4090', '--model', 'qwen3-next-80b-a3b-instruct', '--context', '262000'];
  const text = await printed(...args, '--prefill', '100');
  expect(text).toMatch(
    /^Predicted, not measured: qwen3-next-80b-a3b-instruct Q4_K_M .* on GeForce RTX 4090\n/,
  );
  expect(text).toMatch(/prompt of 100 after 262000: [\d.]+ tokens\/s/);
  expect(text).toMatch(/answer after 262100: [\d.]+ tokens\/s/);
  expect(text).toMatch(/a token: 364 kernels/);
  expect(text).toMatch(/memory: 5\d\.\d GB: weights 48\.\d GB/);
});

test("a context beyond the model's own is stretched, as far as it can be", async () => {
  const of = (context: number) => predictFor(deviceFile, 'hearth-tiny', { context, prefill: 16 });
  expect((await of(100_000)).text_bytes).toBeGreaterThan((await of(30_000)).text_bytes);
  expect(await hearthErrorOf(() => of(1_000_000))).toMatchObject({ code: 'contextFull' });
});

test('what is not known is named, with what is', async () => {
  const error = (device: string, model: string, quantization?: string) =>
    hearthErrorOf(() => predictFor(device, model, { context: 0, prefill: 1, quantization }));
  const device = await error('Voodoo 2', 'hearth-tiny');
  expect(device.message).toContain('no file "Voodoo 2"');
  expect(device.message).toContain('"GeForce RTX 4090"');
  expect(device.message).toContain('predict --fit');
  const model = await error(deviceFile, 'gpt-5');
  expect(model.message).toContain('"gpt-5"');
  expect(model.message).toContain('qwen3-coder-next');
  for (const unknown of ['Q9_Z', 'UD-Q4_K_XL'])
    expect((await error(deviceFile, 'qwen3-coder-next', unknown)).message).toContain(`"${unknown}"`);
  expect((await error(deviceFile, embeddedModelPath, 'Q8_0')).message).toContain('--quantization');
});

test.each([
  ['is missing', { bandwidthGBs: undefined }, 'bandwidthGBs'],
  ['is none', { launchMicros: 'few' }, 'launchMicros'],
  [
    'is too small',
    { gigaflops: { ...description.gigaflops, step: { ...description.gigaflops.step, rows: 0 } } },
    'gigaflops.step.rows',
  ],
  ['is unknown', { colour: 'green' }, 'colour'],
])('a description whose field %s is refused by its name', async (_, change, field) => {
  const { code, message } = await hearthErrorOf(() =>
    parseDevice(JSON.stringify({ ...description, ...change }), 'card.json'),
  );
  expect(code).toBe('badUsage');
  expect(message).toContain(`card.json is no description of a device: ${field}:`);
  expect(message).toContain('engine -- predict --fit --device FILE');
});

test('what is no JSON is refused', async () => {
  expect((await hearthErrorOf(() => parseDevice('{', 'card.json'))).message).toContain('it is not JSON');
});
