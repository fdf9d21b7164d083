import { describe, expect, test } from 'vitest';
import { configFacts } from '../../../../extension/models/fit/config_shape.ts';

describe('sizes from a config.json', () => {
  const text = {
    num_hidden_layers: 40,
    hidden_size: 2048,
    vocab_size: 248_320,
    num_attention_heads: 16,
    num_key_value_heads: 2,
    head_dim: 256,
    linear_num_key_heads: 16,
    linear_num_value_heads: 32,
    linear_key_head_dim: 128,
    linear_value_head_dim: 128,
    num_experts: 256,
    num_experts_per_tok: 8,
    moe_intermediate_size: 512,
    shared_expert_intermediate_size: 512,
    max_position_embeddings: 262_144,
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
