import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSafetensorsDirectory } from '../../../engine/checkpoint/safetensors_directory.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';
import { safetensorsBytes, writeModelDirectory } from '../../support/safetensors_writer.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

const temporary = temporaryDirectory();
let directories = 0;
async function open(files: Record<string, unknown>) {
  const directory = await writeModelDirectory(join(temporary, String(directories++)), {
    'config.json': {},
    'model.safetensors': safetensorsBytes([{ name: 'a', dtype: 'F32', shape: [1] }]),
    ...files,
  });
  return openSafetensorsDirectory(directory);
}
const tokenizer = { added_tokens: [{ id: 5, content: '<end>' }, null], model: {} };

describe('the tokenizer of a directory', () => {
  test('is absent when there is no tokenizer.json', async () => {
    const model = await open({});
    expect(await model.tokenizer()).toBeUndefined();
    await model.close();
  });

  test('comes from its files, with end tokens from every place that names them', async () => {
    const model = await open({
      'config.json': { eos_token_id: 1, text_config: { eos_token_id: 4 } },
      'generation_config.json': { eos_token_id: [2, 1] },
      'tokenizer.json': tokenizer,
      'tokenizer_config.json': { eos_token: '<end>', chat_template: 'old' },
    });
    expect(await model.tokenizer()).toEqual({
      tokenizerJson: tokenizer,
      chatTemplate: 'old',
      eosTokenIds: [2, 1, 4, 5],
    });
    await model.close();
  });

  test('takes the template file before the one in tokenizer_config.json', async () => {
    const model = await open({
      'tokenizer.json': tokenizer,
      'tokenizer_config.json': { chat_template: 'old' },
      'chat_template.jinja': 'new',
    });
    expect((await model.tokenizer())!.chatTemplate).toBe('new');
    await model.close();
  });

  test('takes the default one of several named templates', async () => {
    const templates = [{ name: 'tools', template: 't' }, null, { name: 'default', template: 'd' }];
    const model = await open({
      'tokenizer.json': tokenizer,
      'tokenizer_config.json': { chat_template: templates },
    });
    expect((await model.tokenizer())!.chatTemplate).toBe('d');
    await model.close();
  });

  test('is a bad tokenizer when a file is not JSON', async () => {
    for (const files of [
      { 'tokenizer.json': '{' },
      { 'tokenizer.json': tokenizer, 'tokenizer_config.json': '[]' },
    ]) {
      const model = await open(files);
      expect((await hearthErrorOf(() => model.tokenizer())).code).toBe('badTokenizer');
      await model.close();
    }
  });
});

describe('recommended sampling of a directory', () => {
  test.each<[string, unknown, unknown]>([
    [
      'is read from generation_config.json',
      { temperature: 0.7, top_k: 20, top_p: 0.8 },
      { temperature: 0.7, topK: 20, topP: 0.8 },
    ],
    [
      'has its smallest share and its penalties too',
      { min_p: 0.05, repetition_penalty: 1.05, presence_penalty: 1.5 },
      { minP: 0.05, repetitionPenalty: 1.05, presencePenalty: 1.5 },
    ],
    ['is greedy when sampling is off', { do_sample: false, temperature: 0.7 }, { temperature: 0 }],
    ['is unset when the file says nothing', { eos_token_id: 1 }, undefined],
  ])('%s', async (_what, file, expected) => {
    const model = await open({ 'generation_config.json': file });
    expect(await model.sampling()).toEqual(expected);
    await model.close();
  });

  test('is unset when there is no file, and refused when it is broken', async () => {
    const without = await open({});
    expect(await without.sampling()).toBeUndefined();
    await without.close();
    for (const content of [
      '{',
      { temperature: 'hot' },
      { top_p: 2 },
      { min_p: -1 },
      { repetition_penalty: 0 },
    ]) {
      const broken = await open({ 'generation_config.json': content });
      expect((await hearthErrorOf(() => broken.sampling())).code).toBe('badCheckpoint');
      await broken.close();
    }
  });
});

test('a config.json that is not an object is refused', async () => {
  for (const content of ['', 'null', '[]', '{"a":'])
    expect((await hearthErrorOf(() => open({ 'config.json': content }))).code).toBe('badCheckpoint');
});

test.each([
  ['AWQ', { quantization_config: { quant_method: 'awq', bits: 4 } }, 'awq'],
  ['MLX', { quantization: { group_size: 64, bits: 4 } }, 'MLX, 4 bits'],
])('weights quantised as %s are refused by name', async (_name, config, method) => {
  const error = await hearthErrorOf(() => open({ 'config.json': config }));
  expect(error.code).toBe('badCheckpoint');
  expect(error.message).toContain(`quantised (${method})`);
});
