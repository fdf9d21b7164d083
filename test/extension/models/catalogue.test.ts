import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { findVariant, readCatalogue } from '../../../extension/models/catalogue.ts';
import { parseCatalogue } from '../../../engine/shared/architecture/catalogue.ts';
import { weightBytes } from '../../../engine/shared/architecture/footprint.ts';
import { fileURLToPath } from 'node:url';
import { hearthErrorOf } from '../../support/hearth_error.ts';

const path = fileURLToPath(new URL('../../../media/catalogue.json', import.meta.url));
const text = readFileSync(path, 'utf8');

/** The catalogue with one thing changed in its second row. */
function changed(change: Record<string, unknown>): string {
  const file = JSON.parse(text) as { models: Record<string, unknown>[] };
  Object.assign(file.models[1] ?? {}, change);
  return JSON.stringify(file);
}

describe('catalogue', () => {
  test('is sound, and has a model for every size of machine', async () => {
    const models = await readCatalogue(path);
    expect(models.map(({ id }) => id)).toEqual([
      'hearth-tiny',
      'qwen3.5-0.8b',
      'qwen3.5-2b',
      'qwen3.5-4b',
      'qwen3.5-9b',
      'qwen3.6-27b',
      'qwen3.8-27b',
      'qwen3.5-35b-a3b',
      'qwen3.6-35b-a3b',
      'qwen3-next-80b-a3b-instruct',
      'qwen3-next-80b-a3b-thinking',
      'qwen3-coder-next',
    ]);
  });

  test('knows the size of every variant without a network, by a figure or by arithmetic', () => {
    for (const { id, variants, shape } of parseCatalogue(text, path))
      for (const { quantization, bytes } of variants)
        expect(bytes ?? weightBytes(shape, quantization)?.total, `${id} ${quantization}`).toBeGreaterThan(0);
  });

  test.each([
    ['a revision that is no commit', { revision: 'main' }],
    ['an unknown field', { sizes: 1 }],
    ['a hash that is none', { variants: [{ quantization: 'Q8_0', files: ['a'], sha256: { a: 'abc' } }] }],
    ['a default that is no variant', { defaultVariant: 'Q1_0' }],
    ['an id of another row', { id: 'hearth-tiny' }],
    ['a repository outside the hub', { repository: 'https://example.com/a/b' }],
  ])('is refused with %s', async (_what, change) => {
    expect((await hearthErrorOf(() => parseCatalogue(changed(change), path))).code).toBe('fileUnreadable');
  });

  test('is refused when it is no JSON, or not there', async () => {
    expect((await hearthErrorOf(() => parseCatalogue('{', path))).code).toBe('fileUnreadable');
    expect((await hearthErrorOf(() => readCatalogue(`${path}.gone`))).code).toBe('fileUnreadable');
  });

  test('has no row for a choice that is not in it', async () => {
    const models = parseCatalogue(text, path);
    const choice = { entryId: 'qwen3.5-4b', quantization: 'Q1_0' };
    expect((await hearthErrorOf(() => findVariant(models, choice))).code).toBe('hubNotFound');
  });
});
