import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { canonicalPath, KnownPaths } from '../../../extension/models/canonical_path.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

const directory = realpathSync(temporaryDirectory());

describe('paths of one model', () => {
  test('have one spelling', async () => {
    const folder = join(directory, 'own');
    mkdirSync(folder);
    symlinkSync(folder, join(directory, 'link'));
    for (const name of ['m-00001-of-00002.gguf', 'm-00002-of-00002.gguf', 'model.safetensors'])
      writeFileSync(join(folder, name), '');
    const first = join(folder, 'm-00001-of-00002.gguf');
    expect(await canonicalPath(join(directory, 'link', 'm-00002-of-00002.gguf'))).toBe(first);
    expect(await canonicalPath(`${folder}/../own/./m-00001-of-00002.gguf`)).toBe(first);
    expect(await canonicalPath(join(directory, 'link', 'model.safetensors'))).toBe(folder);
    expect(await canonicalPath(`${folder}/`)).toBe(folder);
  });

  test('keep their own when nothing is there, and stay empty', async () => {
    expect(await canonicalPath(join(directory, 'gone', '..', 'gone.gguf'))).toBe(
      join(directory, 'gone.gguf'),
    );
    expect(await canonicalPath('')).toBe('');
  });

  test('are compared by what was looked up, and else as they are spelt', async () => {
    const paths = new KnownPaths();
    const [one, other] = [join(directory, 'a.gguf'), `${directory}/./a.gguf`];
    expect(paths.areSame(one, other)).toBe(false);
    await paths.look([one, other]);
    expect(paths.areSame(one, other)).toBe(true);
    expect(paths.areSame(one, one)).toBe(true);
    paths.forget();
    expect(paths.areSame(one, other)).toBe(false);
  });
});
