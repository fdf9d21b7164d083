import { describe, expect, test } from 'vitest';
import {
  checkQuantization,
  quantizationOf,
  shardsOf,
} from '../../../../extension/models/transfer/small_files.ts';
import { hearthErrorOf } from '../../../support/hearth_error.ts';

/** Files by their names, and how to read them. */
function folder(texts: Record<string, string>) {
  const read: string[] = [];
  return {
    files: Object.entries(texts).map(([path, text]) => ({ path, bytes: text.length })),
    readText: async (path: string) => {
      read.push(path);
      return texts[path] as string;
    },
    read,
  };
}
const ofConfig = (config: unknown, more: Record<string, string> = {}) => {
  const { files, readText } = folder({ 'config.json': JSON.stringify(config), ...more });
  return quantizationOf(files, readText);
};

describe('the index of a safetensors model', () => {
  const index = (names: string[]) =>
    JSON.stringify({ weight_map: Object.fromEntries(names.map((name, i) => [`tensor ${i}`, name])) });

  test('names its files where their names do not tell', async () => {
    const { files, readText } = folder({
      'config.json': '{}',
      'model.safetensors.index.json': index(['a.safetensors', 'b.safetensors', 'a.safetensors']),
      'a.safetensors': '',
      'b.safetensors': '',
    });
    expect(await shardsOf(files, readText)).toEqual(['a.safetensors', 'b.safetensors']);
  });

  test('is not read where they do, nor without a configuration', async () => {
    const names = { 'model.safetensors.index.json': '{}', 'model-00001-of-00001.safetensors': '' };
    for (const texts of [{ 'config.json': '{}', ...names }, { ...names }]) {
      const { files, readText, read } = folder(texts);
      expect(await shardsOf(files, readText)).toBeUndefined();
      expect(read).toEqual([]);
    }
  });

  test('that is no index says nothing', async () => {
    for (const text of ['{', '[]', '{"weight_map":{"a":1}}']) {
      const { files, readText } = folder({ 'config.json': '{}', 'model.safetensors.index.json': text });
      expect(await shardsOf(files, readText)).toBeUndefined();
    }
  });
});

describe('quantised weights', () => {
  test.each<[unknown, string | undefined]>([
    [{ quantization_config: { quant_method: 'awq', bits: 4 } }, 'awq'],
    [{ quantization_config: { quant_method: 'gptq', bits: 4 } }, 'gptq'],
    [{ text_config: { quantization_config: { quant_method: 'bitsandbytes' } } }, 'bitsandbytes'],
    [{ quantization_config: { quant_method: 'compressed-tensors', format: 'nvfp4' } }, 'compressed-tensors'],
    [{ quantization: { group_size: 64, bits: 4 } }, 'MLX, 4 bits'],
    [{ quantization_config: { group_size: 64, bits: 8 } }, 'MLX, 8 bits'],
    [{ quantization_config: { quant_method: 'fp8', fmt: 'e5m2' } }, 'fp8 e5m2'],
    [{ quantization_config: { quant_method: {} } }, 'unknown'],
    [{ quantization_config: { quant_method: 'fp8', fmt: {} } }, 'fp8 unknown'],
    [{ quantization_config: { quant_method: 'fp8', fmt: 'e4m3', weight_block_size: [128, 128] } }, undefined],
    [{ quantization_config: { quant_method: 'fp8' } }, undefined],
    [{ model_type: 'qwen3_next' }, undefined],
    [[], undefined],
  ])('%j: %s', async (config, method) => {
    expect(await ofConfig(config)).toBe(method);
  });

  test('are known by the file of the tool too', async () => {
    expect(await ofConfig({}, { 'hf_quant_config.json': '{}' })).toBe('modelopt');
    const fp8 = { quantization_config: { quant_method: 'fp8' } };
    expect(await ofConfig(fp8, { 'hf_quant_config.json': '{}' })).toBeUndefined();
  });

  test('are refused in a safetensors model, with what they are', async () => {
    const { files, readText } = folder({ 'config.json': '{"quantization":{"bits":4}}' });
    const error = await hearthErrorOf(() =>
      checkQuantization('a/b', { kind: 'safetensors' }, files, readText),
    );
    expect(error.code).toBe('notAModel');
    expect(error.message).toContain('a/b');
    expect(error.message).toContain('MLX, 4 bits');
    await checkQuantization('a/b', { kind: 'gguf' }, files, readText);
  });
});
