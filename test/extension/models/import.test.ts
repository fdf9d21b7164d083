import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ModelLibrary } from '../../../extension/models/library.ts';
import { HubServer } from '../../fakes/hub_server.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';
import { downloadEnded, ggufFile, openLibrary } from '../../support/model_library.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

const directory = temporaryDirectory();
const noHub = { endpoint: 'http://127.0.0.1:9' };

describe('models without a network', () => {
  let library: ModelLibrary;
  let folder: string;
  let usb: string;
  beforeEach(async () => {
    ({ library, folder } = await openLibrary(directory, noHub));
    usb = mkdtempSync(join(directory, 'usb-'));
  });
  afterEach(() => library.close());
  const put = (name: string, bytes = 5000): string => {
    const path = join(usb, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, ggufFile(name, bytes).content);
    return path;
  };

  test('are copied from a folder, whole and hashed', async () => {
    put('Own-Q4_0.gguf', 4_500_000);
    const ended = await downloadEnded(library, await library.importFolder(usb));
    expect(ended).toMatchObject({ kind: 'import', phase: 'done', bytesDone: 4_500_000, name: 'Own-Q4_0' });
    const model = library.list().at(-1);
    expect(model).toMatchObject({ origin: { kind: 'folder', path: usb }, managed: true });
    expect(model?.files[0]).toMatchObject({
      fromHub: false,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(model?.path.startsWith(folder)).toBe(true);
    expect(readFileSync(model?.path ?? '')).toEqual(ggufFile('', 4_500_000).content);
  });

  test('keep their origin when they come from another Hearth, whose hashes are checked', async () => {
    const hub = await HubServer.start();
    const commit = 'c'.repeat(40);
    hub.repositories.set('maker/model-GGUF', { commit, files: [ggufFile('Model-Q8_0.gguf', 5000)] });
    const other = await openLibrary(directory, hub);
    const choice = { kind: 'catalogue', entryId: 'model', quantization: 'Q8_0' } as const;
    await downloadEnded(other.library, await other.library.download(choice));
    const source = dirname(other.library.list().at(-1)?.path ?? '');
    await other.library.close();
    await hub.stop();
    for (const name of readdirSync(source)) copyFileSync(join(source, name), join(usb, name));
    await downloadEnded(library, await library.importFolder(usb));
    const found = library.list().at(-1);
    expect(found).toMatchObject({ id: 'maker--model-GGUF--Q8_0--cccccccc', origin: { revision: commit } });
    await library.delete(found?.id ?? '');
    writeFileSync(join(usb, 'Model-Q8_0.gguf'), ggufFile('', 5000, 9).content);
    // The finished entry of the first import gives way to the second one.
    const ended = await downloadEnded(library, await library.importFolder(usb));
    expect(ended.error?.code).toBe('hashMismatch');
  });

  test('can be taken up when the disk that holds them comes back', async () => {
    const path = put('Own-Q4_0.gguf');
    const id = await library.importFolder(usb);
    const content = readFileSync(path);
    rmSync(path);
    const ended = await downloadEnded(library, id);
    expect(ended.error?.code).toBe('fileUnreadable');
    writeFileSync(path, Buffer.concat([content, content]));
    await library.resume(id);
    const grown = await downloadEnded(library, id);
    expect(grown.error?.message).toMatch(/its length has changed/);
    writeFileSync(path, content);
    await library.resume(id);
    expect(await downloadEnded(library, id)).toMatchObject({ phase: 'done' });
  });

  test('are refused when a folder holds none, several, or only a pointer to one', async () => {
    expect((await hearthErrorOf(() => library.importFolder(usb))).code).toBe('hubNotFound');
    put('A.gguf');
    put('B.gguf');
    expect((await hearthErrorOf(() => library.importFolder(usb))).message).toMatch(
      /several models \(A.gguf, B.gguf\)/,
    );
    expect((await hearthErrorOf(() => library.importFolder('usb'))).code).toBe('badUsage');
    rmSync(join(usb, 'B.gguf'));
    writeFileSync(join(usb, 'A.gguf'), 'version https://git-lfs.github.com/spec/v1\n');
    const ended = await downloadEnded(library, await library.importFolder(usb));
    expect(ended.error?.code).toBe('notAModel');
  });

  test('are used where they are, remembered, and only forgotten on delete', async () => {
    const path = put('deep/Own-Q4_0-00002-of-00002.gguf');
    put('deep/Own-Q4_0-00001-of-00002.gguf', 4000);
    const model = await library.addFile(path);
    expect(model).toMatchObject({
      name: 'Own-Q4_0',
      bytes: 9000,
      managed: false,
      origin: { kind: 'file' },
      path: join(usb, 'deep', 'Own-Q4_0-00001-of-00002.gguf'),
    });
    await library.addFile(path);
    await library.open();
    expect(library.list().map(({ id }) => id)).toEqual(['embedded', model.id]);
    expect(library.revealPath(model.id)).toBe(model.path);
    const { ok, withoutHash } = await library.verify(model.id);
    expect({ ok, count: withoutHash.length }).toEqual({ ok: true, count: 2 });
    await library.delete(model.id);
    await library.open();
    expect(library.list()).toHaveLength(1);
    expect(readdirSync(join(usb, 'deep'))).toHaveLength(2);
  });

  test('may be a GGUF file by another name, as Ollama keeps them', async () => {
    const path = put('blobs/sha256-00');
    put('blobs/sha256-01');
    expect(await library.addFile(path)).toMatchObject({ name: 'sha256-00', path, managed: false });
    writeFileSync(join(usb, 'blobs', 'sha256-02'), '{"schemaVersion":2}');
    const manifest = await hearthErrorOf(() => library.addFile(join(usb, 'blobs', 'sha256-02')));
    expect(manifest.code).toBe('notAModel');
  });

  test('are refused as a folder of quantised safetensors', async () => {
    put('awq/model.safetensors');
    writeFileSync(join(usb, 'awq', 'config.json'), '{"quantization_config":{"quant_method":"awq"}}');
    const folder = join(usb, 'awq');
    expect((await hearthErrorOf(() => library.addFile(folder))).message).toContain('awq');
    expect((await hearthErrorOf(() => library.importFolder(folder))).message).toContain('awq');
  });

  test('are not listed twice when they lie in the folder of models', async () => {
    put('Own-Q4_0.gguf');
    await downloadEnded(library, await library.importFolder(usb));
    const [, own] = library.list();
    symlinkSync(dirname(own?.path ?? ''), join(usb, 'link'));
    expect(await library.addFile(join(usb, 'link', 'Own-Q4_0.gguf'))).toEqual(own);
    expect(library.list()).toHaveLength(2);
  });

  test('are not added when they are not there, cut off, or something else', async () => {
    expect((await hearthErrorOf(() => library.addFile(join(usb, 'gone.gguf')))).code).toBe('fileUnreadable');
    expect((await hearthErrorOf(() => library.addFile('gone.gguf'))).code).toBe('badUsage');
    const lone = put('Own-00001-of-00002.gguf');
    expect((await hearthErrorOf(() => library.addFile(lone))).message).toMatch(/missing beside it/);
    const text = join(usb, 'text.gguf');
    writeFileSync(text, 'hello');
    expect((await hearthErrorOf(() => library.addFile(text))).code).toBe('notAModel');
  });
});
