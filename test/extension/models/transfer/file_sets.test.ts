import { describe, expect, test } from 'vitest';
import { fileSets, matchingSet, safeName } from '../../../../extension/models/transfer/file_sets.ts';
import { hearthErrorOf } from '../../../support/hearth_error.ts';

const files = (...paths: string[]) => paths.map(path => ({ path, bytes: 1 }));
const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1);
const labels = (...paths: string[]) => fileSets(files(...paths)).map(({ label }) => label);

describe('file sets', () => {
  test('are told apart and named by their storage type', () => {
    expect(
      labels(
        'M-Q4_K_M.gguf',
        'M-UD-Q4_K_XL.gguf',
        'BF16/M-BF16-00001-of-00002.gguf',
        'BF16/M-BF16-00002-of-00002.gguf',
        'm-iq4_xs.gguf',
        'M-MXFP4_MOE.gguf',
        'odd.gguf',
      ),
    ).toEqual(['Q4_K_M', 'UD-Q4_K_XL', 'BF16', 'IQ4_XS', 'MXFP4_MOE', 'odd']);
  });

  test('leave out image parts, importance matrices and other files', () => {
    expect(labels('mmproj-F16.gguf', 'x/mmproj-BF16.gguf', 'M-imatrix.gguf', 'imatrix.gguf_file')).toEqual(
      [],
    );
  });

  test.each([
    ['a missing part', ['M-00001-of-00003.gguf', 'M-00003-of-00003.gguf']],
    ['parts that disagree on their number', ['M-00001-of-00002.gguf', 'M-00002-of-00003.gguf']],
  ])('leave out a model with %s', (_what, paths) => {
    expect(labels(...paths)).toEqual([]);
  });

  test('take a safetensors folder as one model, only when it is whole', () => {
    expect(labels('config.json', 'model.safetensors', 'tokenizer.json')).toEqual(['safetensors']);
    expect(labels('model.safetensors', 'tokenizer.json')).toEqual([]);
    const index = ['config.json', 'model.safetensors.index.json'];
    expect(labels(...index, 'model-00001-of-00002.safetensors')).toEqual([]);
    expect(labels(...index, 'model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors')).toEqual([
      'safetensors',
    ]);
    expect(labels('sub/config.json', 'sub/model.safetensors')).toEqual([]);
  });

  test('take the parts of a safetensors model by the official names, or by any that its index names', () => {
    const index = ['config.json', 'tokenizer.json', 'model.safetensors.index.json'];
    const official = 'model.safetensors-00001-of-00001.safetensors';
    expect(fileSets(files(...index, official))).toEqual([
      { kind: 'safetensors', label: 'safetensors', files: files(...index, official).sort(byPath) },
    ]);
    const odd = files(...index, 'layers.safetensors', 'rest.safetensors', 'adapter.safetensors');
    expect(fileSets(odd)).toEqual([]);
    expect(
      fileSets(odd, ['layers.safetensors', 'rest.safetensors'])[0]?.files.map(({ path }) => path),
    ).toEqual([...index, 'layers.safetensors', 'rest.safetensors'].sort());
    expect(fileSets(odd, ['layers.safetensors', 'gone.safetensors'])).toEqual([]);
  });

  test('leave out MTP blocks in files of their own', () => {
    expect(labels('M-Q4_K_M.gguf', 'mtp-M-Q8_0.gguf', 'MTP/mtp-M-BF16.gguf', 'M-mtp-Q8_0.gguf')).toEqual([
      'Q4_K_M',
      'Q8_0',
    ]);
  });

  test('are picked by patterns, on the name alone when the pattern has no folder', () => {
    const all = files('Q8/M-Q8_0-00001-of-00001.gguf', 'M-Q4_0.gguf', 'MxQ4_0.gguf');
    expect(matchingSet(['M-Q8_0-*-of-*.gguf'], all, 'a/b').files).toHaveLength(1);
    expect(matchingSet(['M-Q4_0.gguf'], all, 'a/b').files[0]?.path).toBe('M-Q4_0.gguf');
    expect(matchingSet(['Q8/*'], all, 'a/b').label).toBe('Q8_0');
  });

  test('are not guessed when a pattern fits several models or none', async () => {
    const all = files('M-Q8_0.gguf', 'M-Q4_0.gguf');
    const both = await hearthErrorOf(() => matchingSet(['*.gguf'], all, 'a/b'));
    expect(both.message).toMatch(/several models match \(Q8_0, Q4_0\)/);
    expect((await hearthErrorOf(() => matchingSet(['N*'], all, 'a/b'))).code).toBe('hubNotFound');
  });

  test.each(['..', '.hidden', 'a\\b', 'con', 'NUL.gguf', 'a:b', 'x.', 'x ', '', 'a\nb', 'é.gguf'])(
    'have no file named %j',
    async name => {
      expect((await hearthErrorOf(() => safeName(name))).code).toBe('notAModel');
    },
  );

  test('keep the last part of a path as the name', () => {
    expect(safeName('Q8_0/Model-Q8_0-00001-of-00002.gguf')).toBe('Model-Q8_0-00001-of-00002.gguf');
    expect(safeName('../up.gguf')).toBe('up.gguf');
  });
});
