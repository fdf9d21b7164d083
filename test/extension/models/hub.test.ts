import { afterEach, describe, expect, test, vi } from 'vitest';
import { configFacts } from '../../../extension/models/fit/config_shape.ts';
import { parseReference } from '../../../extension/models/hub/hub.ts';
import { globalFetch, hubEndpoint } from '../../../extension/models/hub/hub_request.ts';
import { RateMeter } from '../../../extension/models/transfer/rate_meter.ts';
import { engineErrorOf } from '../../support/engine_error.ts';

describe('the hub', () => {
  afterEach(() => vi.unstubAllGlobals());

  test('is the official one, or the one of HF_ENDPOINT', () => {
    expect(hubEndpoint({})).toBe('https://huggingface.co');
    expect(hubEndpoint({ HF_ENDPOINT: ' https://mirror.example.com/hf/ ' })).toBe(
      'https://mirror.example.com/hf',
    );
  });

  test.each(['mirror', 'ftp://a.b', 'http//x'])('is not found at HF_ENDPOINT=%s', async value => {
    expect((await engineErrorOf(() => hubEndpoint({ HF_ENDPOINT: value }))).code).toBe('badUsage');
  });

  test('is asked with the fetch of the moment, which the editor replaces to know proxies', async () => {
    vi.stubGlobal('fetch', async () => new Response('patched'));
    expect(await (await globalFetch('http://127.0.0.1:9/')).text()).toBe('patched');
  });

  test.each([
    ['Qwen/Qwen3-Next-80B-A3B-Instruct', 'Qwen/Qwen3-Next-80B-A3B-Instruct', undefined],
    [' unsloth/Qwen3.5-4B-GGUF ', 'unsloth/Qwen3.5-4B-GGUF', undefined],
    ['unsloth/Qwen3.5-4B-GGUF:Q4_K_M', 'unsloth/Qwen3.5-4B-GGUF', undefined],
    ['a/b@v1.0', 'a/b', 'v1.0'],
    ['https://huggingface.co/a/b', 'a/b', undefined],
    ['https://huggingface.co/a/b/', 'a/b', undefined],
    ['https://huggingface.co/a/b/tree/main', 'a/b', 'main'],
    ['hf.co/a/b/blob/abc/x.gguf?download=true', 'a/b', 'abc'],
  ])('reads %s as a repository', (reference, repository, revision) => {
    expect(parseReference(reference)).toEqual({ repository, revision });
  });

  test.each(['', 'a', 'a/b/c', '../b', 'a/..', 'https://huggingface.co/datasets/a', 'a b/c'])(
    'refuses %j as a repository',
    async reference => {
      expect((await engineErrorOf(() => parseReference(reference))).code).toBe('badUsage');
    },
  );
});

describe('sizes from a config.json', () => {
  const text = {
    ...{ num_hidden_layers: 40, hidden_size: 2048, vocab_size: 248_320, num_attention_heads: 16 },
    ...{ num_key_value_heads: 2, head_dim: 256, linear_num_key_heads: 16, linear_num_value_heads: 32 },
    ...{ linear_key_head_dim: 128, linear_value_head_dim: 128, num_experts: 256, num_experts_per_tok: 8 },
    ...{ moe_intermediate_size: 512, shared_expert_intermediate_size: 512, max_position_embeddings: 262_144 },
  };

  test('are found in the text part of a model with images too', () => {
    const config = { model_type: 'qwen3_5_moe', tie_word_embeddings: false, text_config: text };
    expect(configFacts(JSON.stringify(config))).toMatchObject({
      kind: 'known',
      contextTokens: 262_144,
      shape: { layers: 40, attentionLayers: 10, experts: 256, expertFf: 512, denseFf: 0, tied: false },
    });
  });

  test('count the layers that are listed one by one', () => {
    const layer_types = ['linear_attention', 'full_attention', 'full_attention', 'linear_attention'];
    const config = { model_type: 'qwen3_next', ...text, num_hidden_layers: 4, layer_types };
    expect(configFacts(JSON.stringify(config))).toMatchObject({ shape: { attentionLayers: 2 } });
  });

  test.each(['', '[]', '{}', '{"model_type":"qwen3_next"}', '{"model_type":"qwen3_next","hidden_size":-1}'])(
    'are unclear in %j',
    config => expect(configFacts(config)).toEqual({ kind: 'unclear' }),
  );

  test('are of no use for another architecture', () => {
    expect(configFacts('{"model_type":"llama"}')).toEqual({ kind: 'unsupported', architecture: 'llama' });
  });
});

describe('the rate of a download', () => {
  test('is known after a second, follows the last ten, and ends with silence', () => {
    const meter = new RateMeter();
    meter.add(1000, 0);
    expect(meter.bytesPerSecond(500)).toBeUndefined();
    for (let atMs = 200; atMs <= 2000; atMs += 200) meter.add(1000, atMs);
    expect(meter.bytesPerSecond(2000)).toBe(5500);
    for (let atMs = 2200; atMs <= 30_000; atMs += 200) meter.add(100, atMs);
    expect(meter.bytesPerSecond(30_000)).toBeCloseTo(510, 0);
    expect(meter.bytesPerSecond(60_000)).toBeUndefined();
  });
});
