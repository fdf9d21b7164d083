// What models are called: by their notes, and where there is none by their files.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { modelNameOf } from '../../../extension/link/engine_state.ts';
import { ModelNames } from '../../../extension/models/model_names.ts';
import { writeNote } from '../../../extension/models/transfer/plan.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

const embedded = { path: '/x/tiny-q8_0.gguf', name: 'Tiny' };
const note = (main: string): Parameters<typeof writeNote>[1] => ({
  version: 1,
  name: 'Qwen3.5 4B (Q4_K_M)',
  main,
  origin: { kind: 'folder', path: '/from' },
  addedAt: '2026-01-01T00:00:00.000Z',
  files: [{ name: main || 'a', bytes: 1, fromHub: false }],
});

test('the embedded model has its name, and a file without a note the name of the file', async () => {
  const names = new ModelNames(embedded, modelNameOf);
  await names.follow('/nowhere/Some-Model.gguf');
  expect([embedded.path, '/nowhere/Some-Model.gguf'].map(path => names.of(path))).toEqual([
    'Tiny',
    'Some-Model',
  ]);
});

test.each(['model-00001-of-00002.gguf', 'Q4/model.gguf', ''])(
  'a model %s with a note has its name',
  async main => {
    const folder = temporaryDirectory();
    mkdirSync(join(folder, 'Q4'));
    await writeNote(folder, note(main));
    const path = main === '' ? folder : join(folder, main);
    const names = new ModelNames(embedded, modelNameOf);
    const heard: string[] = [];
    names.onDidChange(() => heard.push(names.of(path)));
    await names.follow(path);
    await names.follow(path);
    expect(heard).toEqual([modelNameOf(path), 'Qwen3.5 4B (Q4_K_M)']);
  },
);

test('a file that the note beside it does not name keeps its own name', async () => {
  const folder = temporaryDirectory();
  await writeNote(folder, note('model.gguf'));
  writeFileSync(join(folder, 'other.gguf'), '');
  const names = new ModelNames(embedded, modelNameOf);
  await names.follow(join(folder, 'other.gguf'));
  expect(names.of(join(folder, 'other.gguf'))).toBe('other');
});

test('another model in force is told of, also by a name that is known', async () => {
  const names = new ModelNames(embedded, modelNameOf);
  let told = 0;
  names.onDidChange(() => (told += 1));
  await names.follow(embedded.path);
  await names.follow('/nowhere/other.gguf');
  await names.follow('/nowhere/other.gguf');
  await names.follow(embedded.path);
  expect(told).toBe(3);
});
