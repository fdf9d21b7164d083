// The tables of predictions in docs/PERFORMANCE.md are what the cost model says today. A failure shows the table to paste.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { modelOf } from '../engine/cli/predict.ts';
import { CountedModel } from '../engine/prediction/count_model.ts';
import { specifiedDevice } from '../engine/prediction/specified_device.ts';
import { parseCatalogue } from '../engine/shared/architecture/catalogue.ts';
import { predictMs, predictPromptMs } from '../engine/shared/prediction/device_model.ts';
import { specifications, type Specification } from '../engine/shared/prediction/specifications.ts';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const catalogue = parseCatalogue(read('media/catalogue.json'), 'media/catalogue.json');

/** Of the catalogue, as each is offered first: a model for each size of card. */
const models = ['qwen3.5-4b', 'qwen3.5-9b', 'qwen3.6-27b', 'qwen3.6-35b-a3b', 'qwen3-next-80b-a3b-instruct'];
const context = 8192;
const prompt = 4096;
/** What of a card is free for a model. */
const freeShare = 0.9;

const rounded = (value: number): string =>
  (value < 10 ? value.toFixed(1) : value.toFixed(0)).replace(/\B(?=(\d{3})+$)/g, ',');

async function cell(id: string, specification: Specification): Promise<string> {
  const device = specifiedDevice(specification);
  const counting = await CountedModel.plan(await modelOf(id), device);
  const batches = await counting.prompt(context - prompt, prompt);
  const { counted, memory } = await counting.step(context);
  counting.dispose();
  const bytes = memory.weights + memory.workingSet + memory.text;
  if (bytes > specification.memoryGB * 2 ** 30 * freeShare) return 'too large';
  const [low, middle, high] = (['low', 'middle', 'high'] as const).map(expectation =>
    rounded(1000 / predictMs(specifiedDevice(specification, expectation), 'step', counted)),
  );
  return `${middle} (${low} – ${high}); ${rounded((1000 * prompt) / predictPromptMs(device, batches))}`;
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const shown = (name: string): string | undefined =>
  new RegExp(`<!-- ${name} -->\\n\\n(.*?)\\n\\n<!-- /${name} -->`, 's').exec(
    read('docs/PERFORMANCE.md'),
  )?.[1];

test('speeds of common devices', async () => {
  const rows: string[][] = [];
  for (const id of models) {
    const entry = catalogue.find(one => one.id === id)!;
    const cells: string[] = [];
    for (const specification of specifications) cells.push(await cell(id, specification));
    rows.push([`${entry.name}, ${entry.defaultVariant}`, ...cells]);
  }
  expect(shown('predictions')).toBe(table(['model', ...specifications.map(({ name }) => name)], rows));
});

test('memory and time of the 80B model at long contexts', async () => {
  const device = specifiedDevice(specifications.find(({ name }) => name.startsWith('Apple'))!);
  const rows: string[][] = [];
  for (const tokens of [8192, 65_536, 262_144, 1_000_000]) {
    const stretched = tokens > 262_144 ? { yarnFactor: tokens / 262_144 + 0.01 } : {};
    const counting = await CountedModel.plan(await modelOf('qwen3-next-80b-a3b-instruct'), device, stretched);
    const read = await counting.prompt(0, tokens - 1);
    const { counted, memory } = await counting.step(tokens - 1);
    counting.dispose();
    const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
    const minutes = predictPromptMs(device, read) / 60_000;
    rows.push([
      rounded(tokens),
      gigabytes(memory.text),
      gigabytes(memory.weights + memory.workingSet + memory.text),
      `${rounded(minutes)} min`,
      `${rounded(1000 / predictMs(device, 'step', counted))} tokens/s`,
    ]);
  }
  const head = ['tokens', 'state, keys and values', 'in all', 'time to read them', 'answer'];
  expect(shown('long')).toBe(table(head, rows));
});
