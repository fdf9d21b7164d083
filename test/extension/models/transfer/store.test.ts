import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ModelNote, Plan } from '../../../../extension/models/transfer/plan.ts';
import { ModelStore } from '../../../../extension/models/transfer/store.ts';
import { temporaryDirectory } from '../../../support/temporary_directory.ts';

const directory = temporaryDirectory();
const note: ModelNote = {
  version: 1,
  name: 'Model',
  main: 'm.gguf',
  origin: { kind: 'folder', path: '/somewhere' },
  addedAt: '2026-01-01T00:00:00.000Z',
  files: [{ name: 'm.gguf', bytes: 4, fromHub: false }],
};
const plan = (id: string): Plan => ({
  version: 1,
  id,
  kind: 'import',
  name: 'Model',
  source: '/somewhere',
  createdAt: '2026-01-01T00:00:00.000Z',
  files: [],
});

async function staged(store: ModelStore, id: string, content: string): Promise<void> {
  await store.savePlan(plan(id));
  writeFileSync(join(store.stagingFolder(id), 'm.gguf'), content);
}

describe('the folder of models', () => {
  test('keeps the model that was there first when two windows finish the same one', async () => {
    const store = new ModelStore(join(directory, 'two'), () => undefined);
    await staged(store, 'a', 'GGU1');
    await staged(store, 'b', 'GGU2');
    const first = await store.install('a', 'model', note);
    const second = await store.install('b', 'model', note);
    expect(second).toEqual(first);
    expect(readFileSync(first.path, 'utf8')).toBe('GGU1');
    expect(existsSync(store.stagingFolder('b'))).toBe(false);
  });

  test('puts a whole model in place of the rest of one', async () => {
    const store = new ModelStore(join(directory, 'rest'), () => undefined);
    mkdirSync(join(store.folder, 'model'), { recursive: true });
    writeFileSync(join(store.folder, 'model', 'm.gguf.part'), 'x');
    await staged(store, 'a', 'GGUF');
    await store.install('a', 'model', note);
    expect(readdirSync(join(store.folder, 'model')).sort()).toEqual(['hearth-model.json', 'm.gguf']);
    expect((await store.installed()).map(({ id }) => id)).toEqual(['model']);
  });

  test('passes over folders without a note, with a damaged one, or with one of a later version', async () => {
    const store = new ModelStore(join(directory, 'strange'), () => undefined);
    for (const [name, text] of [
      ['none', undefined],
      ['damaged', '{"version":1'],
      ['later', JSON.stringify({ ...note, version: 2 })],
      ['outside', JSON.stringify({ ...note, files: [] })],
    ] as const) {
      mkdirSync(join(store.folder, name), { recursive: true });
      writeFileSync(join(store.folder, name, 'm.gguf'), 'GGUF');
      if (text !== undefined) writeFileSync(join(store.folder, name, 'hearth-model.json'), text);
    }
    expect(await store.installed()).toEqual([]);
  });

  test('is empty when it is not there, and says so when it is no folder', async () => {
    const gone = new ModelStore(join(directory, 'gone'), () => undefined);
    expect([await gone.installed(), await gone.plans()]).toEqual([[], []]);
    writeFileSync(join(directory, 'file'), '');
    const file = new ModelStore(join(directory, 'file'), () => undefined);
    await expect(file.installed()).rejects.toMatchObject({ code: 'fileUnreadable' });
    await expect(file.savePlan(plan('a'))).rejects.toMatchObject({ code: 'fileUnwritable' });
  });
});
