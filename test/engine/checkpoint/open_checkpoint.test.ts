import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';
import { fixturePath } from '../../support/golden.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

const temporary = temporaryDirectory();
const refusalOf = (path: string) => hearthErrorOf(() => openCheckpoint(path));

describe('opening a path', () => {
  test('a safetensors directory, and a file in it, is opened as that directory', async () => {
    for (const path of [fixturePath('default'), fixturePath('default', 'model.safetensors')]) {
      const model = await openCheckpoint(path);
      expect(model.container).toBe('safetensors');
      expect(model.path).toBe(fixturePath('default'));
      expect(model.metadata['model_type']).toBe('qwen3_next');
      await model.close();
    }
  });

  test('a GGUF file is known by its name or by its first bytes', async () => {
    const unnamed = join(temporary, 'blob');
    copyFileSync(fixturePath('gguf_next', 'model.gguf'), unnamed);
    for (const path of [fixturePath('gguf_next', 'model.gguf'), unnamed]) {
      const model = await openCheckpoint(path);
      expect(model.container).toBe('gguf');
      await model.close();
    }
  });

  test('a path that does not exist is unreadable', async () => {
    const error = await refusalOf(join(temporary, 'nowhere.gguf'));
    expect(error.code).toBe('fileUnreadable');
    expect(error.message).toContain('ENOENT');
  });

  test('an empty file is refused, whatever its name', async () => {
    for (const name of ['empty.gguf', 'empty.bin']) {
      writeFileSync(join(temporary, name), '');
      const error = await refusalOf(join(temporary, name));
      expect(error.code).toBe('badCheckpoint');
      expect(error.message).toContain('empty');
    }
  });

  test('a file that is no model is refused', async () => {
    writeFileSync(join(temporary, 'notes.txt'), 'hello');
    const error = await refusalOf(join(temporary, 'notes.txt'));
    expect(error.code).toBe('badCheckpoint');
    expect(error.message).toContain('neither a GGUF file nor');
    expect(error.remedy).toContain('Choose a .gguf file');
  });

  test('a directory says what it lacks', async () => {
    const directory = join(temporary, 'directory');
    mkdirSync(directory);
    expect((await refusalOf(directory)).message).toContain('no config.json');
    writeFileSync(join(directory, 'config.json'), '{}');
    expect((await refusalOf(directory)).message).toContain('neither model.safetensors nor');
    writeFileSync(join(directory, 'small.gguf'), 'GGUF');
    expect((await refusalOf(directory)).message).toContain('small.gguf');
  });

  test('a named pipe is refused without waiting for it', async () => {
    if (process.platform === 'win32') return;
    const pipe = join(temporary, 'pipe.gguf');
    execFileSync('mkfifo', [pipe]);
    expect((await refusalOf(pipe)).message).toContain('not a regular file');
  });
});
