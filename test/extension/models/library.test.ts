import { fileURLToPath } from 'node:url';
import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ModelLibrary } from '../../../extension/models/library.ts';
import { fail, HubServer } from '../../fakes/hub_server.ts';
import { embeddedModelPath } from '../../support/embedded_model.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';
import { ggufBytes } from '../../support/gguf_writer.ts';
import { fixtureJson } from '../../support/golden.ts';
import { downloadEnded, ggufFile, openLibrary, quickLimits } from '../../support/model_library.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

const directory = temporaryDirectory();
const commit = 'a'.repeat(40);
const q8 = { kind: 'catalogue', entryId: 'model', quantization: 'Q8_0' } as const;

describe('model library', () => {
  let hub: HubServer;
  const open: ModelLibrary[] = [];
  beforeEach(async () => {
    hub = await HubServer.start();
    hub.repositories.set('maker/model-GGUF', {
      commit,
      files: [
        { path: 'README.md', content: Buffer.from('# Model'), plain: true },
        ggufFile('Model-Q8_0.gguf', 45_000),
        ggufFile('Model-UD-Q8_0.gguf', 300),
        ggufFile('mmproj-Q8_0.gguf', 200),
      ],
    });
  });
  afterEach(async () => {
    for (const library of open.splice(0)) await library.close();
    await hub.stop();
  });
  const start = async (more: Parameters<typeof openLibrary>[2] = {}) => {
    const opened = await openLibrary(directory, hub, more);
    open.push(opened.library);
    return opened;
  };

  test('fetches a model of the catalogue in parallel ranges and installs it under its commit', async () => {
    const { library, folder } = await start();
    const ended = await downloadEnded(library, await library.download(q8));
    expect(ended).toMatchObject({ phase: 'done', bytesDone: 45_000, bytesTotal: 45_000, revision: commit });
    const model = library.list().find(({ id }) => id === ended.installedId);
    expect(model).toMatchObject({
      name: 'Model (Q8_0)',
      bytes: 45_000,
      path: join(folder, 'maker--model-GGUF--Q8_0--aaaaaaaa', 'Model-Q8_0.gguf'),
      origin: { kind: 'hub', repository: 'maker/model-GGUF', revision: commit, entryId: 'model' },
      licence: 'Apache-2.0',
      contextTokens: 32_768,
      managed: true,
    });
    expect(readFileSync(model?.path ?? '')).toEqual(ggufFile('', 45_000).content);
    expect(model?.files).toEqual([
      {
        name: 'Model-Q8_0.gguf',
        bytes: 45_000,
        fromHub: true,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
    expect([...hub.ranges].sort()).toEqual([
      'bytes=0-9999',
      'bytes=10000-19999',
      'bytes=20000-29999',
      'bytes=30000-39999',
      'bytes=40000-44999',
    ]);
    expect(readdirSync(join(folder, '.downloads'))).toEqual([]);
    expect(readdirSync(join(folder, 'maker--model-GGUF--Q8_0--aaaaaaaa')).sort()).toEqual([
      'Model-Q8_0.gguf',
      'hearth-model.json',
    ]);
  });

  test('shows the model to the next session, and not when a file of it is cut off', async () => {
    const { library, folder } = await start();
    await downloadEnded(library, await library.download(q8));
    const { path } = library.list().at(-1) ?? { path: '' };
    const next = await start({ folder });
    expect(next.library.list().map(({ name }) => name)).toEqual(['Tiny', 'Model (Q8_0)']);
    truncateSync(path, 44_999);
    const later = await start({ folder });
    expect(later.library.list().map(({ name }) => name)).toEqual(['Tiny']);
    expect(later.warnings.join()).toMatch(/is not offered: Model-Q8_0.gguf has another length/);
  });

  test('fetches all parts of a split model as one', async () => {
    const parts = [1, 2, 3].map(i => ggufFile(`Q8_0/Model-Q8_0-0000${i}-of-00003.gguf`, 15_000 + i, i));
    hub.repositories.set('maker/model-GGUF', { commit, files: parts });
    const { library } = await start();
    const ended = await downloadEnded(library, await library.download(q8));
    expect(ended).toMatchObject({ phase: 'done', bytesTotal: 45_006 });
    const model = library.list().at(-1);
    expect(basename(model?.path ?? '')).toBe('Model-Q8_0-00001-of-00003.gguf');
    expect(model?.files.map(({ bytes }) => bytes)).toEqual([15_001, 15_002, 15_003]);
  });

  test('refuses a split model with a missing part before it fetches anything', async () => {
    const parts = [1, 3].map(i => ggufFile(`Model-Q8_0-0000${i}-of-00003.gguf`, 100));
    hub.repositories.set('maker/model-GGUF', { commit, files: parts });
    const { library } = await start();
    const ended = await downloadEnded(library, await library.download(q8));
    expect(ended.error).toMatchObject({
      code: 'notAModel',
      message: expect.stringMatching(/part 2 of a split/),
    });
    expect(hub.ranges).toEqual([]);
  });

  test('looks up any repository and fetches a safetensors model with its companions', async () => {
    const config = {
      model_type: 'qwen3_next',
      num_hidden_layers: 4,
      hidden_size: 64,
      vocab_size: 1000,
      num_attention_heads: 4,
      num_key_value_heads: 2,
      head_dim: 16,
      intermediate_size: 128,
      linear_num_key_heads: 2,
      linear_num_value_heads: 4,
      linear_key_head_dim: 16,
      linear_value_head_dim: 16,
      max_position_embeddings: 32_768,
    };
    const plain = (path: string, content: string) => ({ path, content: Buffer.from(content), plain: true });
    hub.repositories.set('other/Model', {
      commit,
      tags: ['license:mit'],
      files: [
        plain('config.json', JSON.stringify(config)),
        plain('tokenizer.json', '{}'),
        plain('model.safetensors.index.json', '{}'),
        plain('README.md', '#'),
        ggufFile('model-00001-of-00002.safetensors', 12_345),
        ggufFile('model-00002-of-00002.safetensors', 500),
        ggufFile('optimizer.pt', 500),
      ],
    });
    const { library } = await start();
    const facts = await library.lookUp(`https://hub.example.com/other/Model/tree/main`, undefined);
    expect(facts).toMatchObject({
      repository: 'other/Model',
      revision: commit,
      licence: 'mit',
      gated: false,
    });
    const [choice] = facts.choices;
    expect(choice).toMatchObject({ label: 'safetensors', advice: { verdict: 'unknown', rough: false } });
    const files = choice?.files.map(({ name }) => name) ?? [];
    expect(files).toEqual([
      'config.json',
      'model-00001-of-00002.safetensors',
      'model-00002-of-00002.safetensors',
      'model.safetensors.index.json',
      'tokenizer.json',
    ]);
    // The hub names a SHA-256 only of files that are not kept in git itself.
    expect(choice?.files.map(({ sha256: hex }) => hex?.length)).toEqual([
      undefined,
      64,
      64,
      undefined,
      undefined,
    ]);
    const { repository, revision } = facts;
    const label = choice?.label ?? '';
    const id = await library.download({ kind: 'repository', repository, revision, label, files });
    expect(await downloadEnded(library, id)).toMatchObject({ phase: 'done' });
    const model = library.list().at(-1);
    expect(statSync(model?.path ?? '').isDirectory()).toBe(true);
    expect(existsSync(join(model?.path ?? '', 'tokenizer.json'))).toBe(true);
    // Small files have git's hash, which is checked too.
    expect(await library.verify(model?.id ?? '')).toEqual({ ok: true, problems: [], withoutHash: [] });
  });

  describe('a repository of GGUF files without a configuration', () => {
    const embedded = readFileSync(embeddedModelPath);
    const put = (content: Buffer) =>
      hub.repositories.set('other/Model-GGUF', { commit, files: [{ path: 'Model-Q8_0.gguf', content }] });
    const roomy = {
      adapterName: 'GPU',
      software: false,
      maxBufferBytes: 1e9,
      storageBindingBytesMax: 1e9,
      allocatableBytes: 8e9,
      bandwidthBytesPerSecond: 1e11,
    };

    test('is advised about from the first bytes of one of them', async () => {
      put(embedded);
      const { library } = await start();
      const { choices, textOnly } = await library.lookUp('other/Model-GGUF', roomy);
      expect(choices).toMatchObject([
        { label: 'Q8_0', advice: { verdict: 'fits', contextTokensMax: 32_768, rough: true } },
      ]);
      expect(textOnly).toBe(false);
      expect(hub.ranges).toEqual([`bytes=0-${256 * 1024 - 1}`]);
    });

    test('is not offered when Hearth does not run its architecture', async () => {
      put(Buffer.from(ggufBytes({ metadata: { 'general.architecture': 'llama' }, tensors: [] })));
      const { library } = await start();
      const { unsupportedArchitecture, choices } = await library.lookUp('other/Model-GGUF', roomy);
      expect([unsupportedArchitecture, choices[0]?.advice]).toEqual(['llama', undefined]);
    });

    test('is listed without advice when the bytes do not come, or say nothing', async () => {
      put(embedded);
      hub.fault = ({ host }, response) => {
        if (host === 'storage') fail(response, 404);
        return host === 'storage';
      };
      const { library, warnings } = await start();
      const { choices } = await library.lookUp('other/Model-GGUF', roomy);
      expect(choices).toMatchObject([{ label: 'Q8_0', advice: undefined }]);
      expect(warnings[0]).toMatch(/Model-Q8_0\.gguf of other\/Model-GGUF could not be looked into/);
      hub.fault = undefined;
      put(ggufFile('', 3000).content);
      expect((await library.lookUp('other/Model-GGUF', roomy)).choices[0]?.advice).toBeUndefined();
    });

    test('goes on where a connection broke off', async () => {
      put(embedded);
      let broken = 0;
      hub.fault = ({ host }, response) => {
        if (host !== 'storage' || broken++ > 0) return false;
        response.writeHead(206, {
          'Content-Range': `bytes 0-262143/${embedded.length}`,
          'Content-Length': 262_144,
        });
        response.write(embedded.subarray(0, 1000), () => response.destroy());
        return true;
      };
      const { library } = await start();
      const { choices } = await library.lookUp('other/Model-GGUF', roomy);
      expect(choices[0]?.advice?.verdict).toBe('fits');
      expect(broken).toBe(2);
    });
  });

  test('says of a repository for pictures too that only its text part is used', async () => {
    const published = fixtureJson<{ text_config: object }>('qwen35_moe', 'config.json');
    const inner = published.text_config;
    const { library } = await start();
    for (const [config, textOnly] of [
      [published, true],
      [{ ...inner, model_type: 'qwen3_5_moe', vision_config: {} }, true],
      [{ ...inner, model_type: 'qwen3_5_moe_text' }, false],
    ] as const) {
      const content = Buffer.from(JSON.stringify(config));
      hub.repositories.set('other/Model', { commit, files: [{ path: 'config.json', content, plain: true }] });
      expect((await library.lookUp('other/Model', undefined)).textOnly).toBe(textOnly);
    }
  });

  test('checks a row whose sizes nobody has seen by the repository, and refuses a model of another kind by its name', async () => {
    const { text_config: inner } = fixtureJson<{ text_config: object }>('qwen35_moe', 'config.json');
    const cataloguePath = fileURLToPath(new URL('../../../media/catalogue.json', import.meta.url));
    const { library } = await start({ cataloguePath });
    const show = async (config: object) => {
      const content = Buffer.from(JSON.stringify(config));
      hub.repositories.set('unsloth/Qwen3.8-27B-GGUF', {
        commit,
        files: [{ path: 'config.json', content, plain: true }],
      });
      return library.lookUp('unsloth/Qwen3.8-27B-GGUF', undefined);
    };
    expect((await show({ ...inner, model_type: 'qwen3_5_moe_text' })).textOnly).toBe(false);
    expect((await show({ model_type: 'qwen4_exp' })).unsupportedArchitecture).toBe(
      'Qwen3.8-Flash-Next (qwen4_exp)',
    );
    // The repository says nothing: the row stands.
    expect((await show({})).textOnly).toBe(true);
  });

  test('does not let anybody wait long for a hub that does not answer', async () => {
    hub.fault = (_seen, response) => {
      fail(response, 503);
      return true;
    };
    const { library } = await start({ limits: { ...quickLimits, attemptsMax: 7 } });
    expect((await hearthErrorOf(() => library.lookUp('other/Model', undefined))).code).toBe('hubFailed');
    expect(hub.seen).toHaveLength(3);
  });

  test('gives up a hub that takes a question and never answers it', async () => {
    hub.fault = () => true;
    const { library } = await start({ limits: { ...quickLimits, lookUpMsMax: 50 } });
    const error = await hearthErrorOf(() => library.lookUp('other/Model', undefined));
    expect(error.code).toBe('hubUnreachable');
    expect(error.message).toMatch(/no answer within 1 seconds?/);
  });

  test.each(['the asker gives up', 'the library is closed'])('ends a look-up when %s', async why => {
    const asker = new AbortController();
    const { library } = await start();
    hub.fault = () => {
      if (why === 'the asker gives up') asker.abort(new Error(why));
      else void library.close();
      return true;
    };
    await expect(library.lookUp('other/Model', undefined, asker.signal)).rejects.toThrow(/gives up|aborted/);
  });

  test('lists a file once when it is added twice at the same time', async () => {
    const { library } = await start();
    const path = join(directory, 'Twice-Q8_0.gguf');
    writeFileSync(path, ggufFile('', 3000).content);
    await Promise.all([library.addFile(path), library.addFile(path)]);
    expect(library.list().map(model => model.path)).toEqual(['', path]);
  });

  test.each([
    ['AWQ', { quantization_config: { quant_method: 'awq', bits: 4 } }, 'awq'],
    ['MLX', { quantization: { group_size: 64, bits: 4 } }, 'MLX, 4 bits'],
  ])('refuses weights quantised as %s at look-up, and never fetches any', async (_name, settings, method) => {
    const content = Buffer.from(JSON.stringify({ model_type: 'qwen3_next', ...settings }));
    const weights = 'model.safetensors-00001-of-00001.safetensors';
    hub.repositories.set('other/Quantised', {
      commit,
      files: [
        { path: 'config.json', content, plain: true },
        { path: 'model.safetensors.index.json', content: Buffer.from('{}'), plain: true },
        ggufFile(weights, 500),
        ggufFile('Model-Q4_0.gguf', 500),
      ],
    });
    const { library } = await start();
    const { choices } = await library.lookUp('other/Quantised', undefined);
    expect(choices.map(({ label, unreadQuantization }) => [label, unreadQuantization])).toEqual([
      ['Q4_0', undefined],
      ['safetensors', method],
    ]);
    const files = choices[1]?.files.map(({ name }) => name) ?? [];
    const choice = {
      kind: 'repository',
      repository: 'other/Quantised',
      label: 'safetensors',
      files,
    } as const;
    const ended = await downloadEnded(library, await library.download(choice));
    expect(ended.error?.code).toBe('notAModel');
    expect(ended.error?.message).toContain(method);
    expect(hub.seen.filter(({ path }) => path.includes(weights))).toEqual([]);
  });

  test('fetches a safetensors model whose parts only its index names', async () => {
    const plain = (path: string, content: string) => ({ path, content: Buffer.from(content), plain: true });
    const weights = ['first.safetensors', 'second.safetensors'];
    hub.repositories.set('other/Odd', {
      commit,
      files: [
        plain('config.json', '{"model_type":"qwen3_next"}'),
        plain('tokenizer.json', '{}'),
        plain(
          'model.safetensors.index.json',
          JSON.stringify({ weight_map: { a: weights[0], b: weights[1] } }),
        ),
        ...weights.map((name, i) => ggufFile(name, 500 + i)),
        ggufFile('third.safetensors', 500),
      ],
    });
    const { library } = await start();
    const { choices } = await library.lookUp('other/Odd', undefined);
    const names = choices[0]?.files.map(({ name }) => name) ?? [];
    expect(choices).toHaveLength(1);
    expect(names.filter(name => name.endsWith('.safetensors'))).toEqual(weights);
    const choice = {
      kind: 'repository',
      repository: 'other/Odd',
      label: 'safetensors',
      files: names,
    } as const;
    expect((await downloadEnded(library, await library.download(choice))).phase).toBe('done');
  });

  test('names the architecture of a repository that Hearth does not run', async () => {
    const content = Buffer.from('{"model_type":"llama"}');
    hub.repositories.set('other/Llama', { commit, files: [{ path: 'config.json', content, plain: true }] });
    const { library } = await start();
    expect(await library.lookUp('other/Llama', undefined)).toMatchObject({
      unsupportedArchitecture: 'llama',
      choices: [],
    });
  });

  test('verifies an installed model and finds a changed and a missing file', async () => {
    const { library } = await start();
    const { installedId = '' } = await downloadEnded(library, await library.download(q8));
    expect(await library.verify(installedId)).toEqual({ ok: true, problems: [], withoutHash: [] });
    const path = library.revealPath(installedId);
    writeFileSync(path, ggufFile('', 45_000, 2).content);
    expect((await library.verify(installedId)).problems).toEqual([
      { file: 'Model-Q8_0.gguf', what: 'its content has changed' },
    ]);
    rmSync(path);
    expect((await library.verify(installedId)).problems[0]?.what).toBe('it is missing');
  });

  test('remembers when a model was last found right', async () => {
    const { library, folder } = await start();
    const { installedId = '' } = await downloadEnded(library, await library.download(q8));
    const path = join(folder, installedId, 'hearth-model.json');
    const note = readFileSync(path, 'utf8').replace(/"verifiedAt": "[^"]+"/, '"verifiedAt": "2020"');
    writeFileSync(path, note);
    await library.open();
    expect(library.list().at(-1)?.verifiedAt).toBe('2020');
    await library.verify(installedId);
    expect(library.list().at(-1)?.verifiedAt).toMatch(/T/);
    await library.open();
    expect(library.list().at(-1)?.verifiedAt).toMatch(/T/);
  });

  test('refuses a file whose hash on the hub is not the one of the catalogue', async () => {
    const hash = 'd'.repeat(64);
    const { library } = await start();
    const [, entry] = library.catalogue();
    const [variant] = entry?.variants ?? [];
    if (variant) variant.sha256 = { 'Model-Q8_0.gguf': hash };
    const ended = await downloadEnded(library, await library.download(q8));
    expect(ended.error).toMatchObject({ code: 'hashMismatch', message: expect.stringContaining(hash) });
    expect(hub.ranges).toEqual([]);
  });

  test('deletes an installed model from disk, and leaves no trace of it', async () => {
    const { library, folder } = await start();
    const { installedId = '' } = await downloadEnded(library, await library.download(q8));
    await library.delete(installedId);
    expect(readdirSync(folder)).toEqual(['.downloads']);
    expect(readdirSync(join(folder, '.downloads'))).toEqual([]);
    expect(library.list().map(({ id }) => id)).toEqual(['embedded']);
    expect((await hearthErrorOf(() => library.delete('embedded'))).code).toBe('badUsage');
  });

  test('does not fetch what is there already, nor the same thing twice at a time', async () => {
    const { library } = await start();
    const first = await library.download(q8);
    expect((await hearthErrorOf(() => library.download(q8))).code).toBe('modelBusy');
    await downloadEnded(library, first);
    const again = await downloadEnded(library, await library.download(q8));
    expect(again.error?.message).toBe('Model (Q8_0) is already there.');
    expect(hub.ranges).toHaveLength(5);
  });

  test('advises about every variant without a network, from the size of an installed one', async () => {
    const { library } = await start();
    await downloadEnded(library, await library.download(q8));
    await hub.stop();
    const { variants: advice, installed } = await library.advise({
      adapterName: 'GPU',
      software: false,
      maxBufferBytes: 1e9,
      storageBindingBytesMax: 1e9,
      allocatableBytes: 8e9,
      bandwidthBytesPerSecond: 1e11,
    });
    expect(advice.map(({ entryId, quantization }) => `${entryId} ${quantization}`)).toEqual([
      'tiny Q8_0',
      'model Q8_0',
      'model Q4_K_M',
    ]);
    expect(advice[1]?.advice).toMatchObject({ verdict: 'fits', weightBytes: 45_000, diskFits: true });
    expect(installed.map(({ advice: { weightBytes, verdict } }) => [weightBytes, verdict])).toEqual([
      [expect.any(Number), 'fits'],
      [45_000, 'fits'],
    ]);
    hub = await HubServer.start();
  });

  test('refuses a folder that is no absolute path', async () => {
    const opened = openLibrary(directory, hub, { folder: 'models' });
    expect((await hearthErrorOf(() => opened)).message).toMatch(/hearth\.models\.directory/);
  });
});
