// What the README says of models and cards is what the catalogue and the advice on it say. A failure shows the table to paste.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseCatalogue, type CatalogueEntry } from '../engine/shared/architecture/catalogue.ts';
import { adviseFit, type FitAdvice, type FitVerdict } from '../extension/models/fit/advice.ts';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const catalogue = parseCatalogue(read('media/catalogue.json'), 'media/catalogue.json');

/** Memory of usual cards, in GiB, and the share of it that is taken to be free for a model. */
const cards = [4, 6, 8, 12, 16, 24, 32, 48, 64];
const freeShare = 0.9;

/** The largest model of the catalogue, as it is offered first, with one of these verdicts; the catalogue goes from small to large. */
function largest(
  cardGiB: number,
  verdict: FitVerdict,
): { entry: CatalogueEntry; advice: FitAdvice } | undefined {
  const machine = {
    device: {
      adapterName: 'card',
      software: false,
      maxBufferBytes: 4 * 2 ** 30,
      storageBindingBytesMax: 2 ** 31,
      allocatableBytes: cardGiB * 2 ** 30 * freeShare,
    },
    hostMemoryBytes: 32e9,
    hostMemoryFreeBytes: 16e9,
  };
  return catalogue
    .filter(({ repository }) => repository !== undefined)
    .map(entry => {
      const variant = entry.variants.find(({ quantization }) => quantization === entry.defaultVariant);
      const question = { ...entry, quantization: entry.defaultVariant, fileBytes: variant?.bytes };
      return { entry, advice: adviseFit(question, machine) };
    })
    .findLast(({ advice }) => advice.verdict === verdict);
}

function cell(found: ReturnType<typeof largest>): string {
  if (!found) return '';
  const { entry, advice } = found;
  const thousands = Math.floor(advice.contextTokensMax / 1024);
  return `${entry.name}, ${entry.defaultVariant} (${(advice.weightBytes / 1e9).toFixed(1)} GB): ${thousands}K tokens`;
}

function table(): string {
  const rows = cards.map(card => {
    const best = largest(card, 'fits');
    const larger = largest(card, 'fits-short-context');
    const isLarger = best && larger && catalogue.indexOf(larger.entry) > catalogue.indexOf(best.entry);
    return [`${card} GB`, cell(best), isLarger ? cell(larger) : ''];
  });
  const head = ['GPU memory', 'Largest model with a long context', 'Larger, with a short context'];
  const all = [head, ...rows];
  const widths = head.map((_title, column) => Math.max(...all.map(row => row[column]?.length ?? 0)));
  const line = (cells: string[]): string =>
    `| ${cells.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map(width => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

test('the table of cards in the README is what the advice says of the catalogue', () => {
  const shown = /<!-- cards -->\n\n(.*?)\n\n<!-- \/cards -->/s.exec(read('README.md'))?.[1];
  expect(shown).toBe(table());
});

test('the Node versions that the README names are those of the package', () => {
  const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
  const version = engines.node.replace('>=', '');
  expect(read('README.md')).toContain(`Node ${version} or newer`);
});

test('every text that says which models Hearth runs names each family of the catalogue', () => {
  const families = new Set(catalogue.flatMap(({ name }) => /^Qwen[\d.]+(?:-Next)?(?= )/.exec(name) ?? []));
  expect(families.size).toBeGreaterThan(3);
  const { description } = JSON.parse(read('package.json')) as { description: string };
  const strings = JSON.parse(read('package.nls.json')) as Record<string, string>;
  const texts = [
    description,
    strings['walkthrough.description'],
    strings['config.model.path'],
    ...read('README.md')
      .split('\n')
      .filter(line => line.includes('Qwen3-Next, ')),
    ...read('media/walkthrough/model.md')
      .split('\n')
      .filter(line => line.includes('**Qwen3-Next**')),
  ];
  expect(texts.length).toBeGreaterThan(5);
  for (const text of texts) for (const family of families) expect(text).toContain(family);
});
