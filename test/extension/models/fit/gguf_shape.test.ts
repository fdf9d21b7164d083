import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseCatalogue } from '../../../../engine/shared/architecture/catalogue.ts';
import { configFacts, type ConfigFacts } from '../../../../extension/models/fit/config_shape.ts';
import { headBytes } from '../../../../extension/models/fit/gguf_head.ts';
import { ggufFacts } from '../../../../extension/models/fit/gguf_shape.ts';
import { embeddedModelPath } from '../../../support/embedded_model.ts';
import { ggufBytes } from '../../../support/gguf_writer.ts';
import { fixturePath } from '../../../support/golden.ts';

const read = (path: string) => ggufFacts(readFileSync(path).subarray(0, headBytes));
const shapeOf = (facts: ConfigFacts) => (facts.kind === 'known' ? facts.shape : undefined);

describe('sizes from a GGUF file', () => {
  test.each([
    ['gguf_next', 1],
    ['gguf_q4km', 0],
  ])('are those of the config.json beside %s', (name, mtpLayers) => {
    const config = configFacts(readFileSync(fixturePath(name, 'config.json'), 'utf8'));
    const found = shapeOf(read(fixturePath(name, 'model.gguf')));
    // The vocabulary of these files is larger than their tokenizer's.
    expect(found).toEqual({ ...shapeOf(config), vocabulary: found?.vocabulary, tied: false, mtpLayers });
  });

  test('are those of the catalogue for the model that comes with Hearth', () => {
    const file = new URL('../../../../media/catalogue.json', import.meta.url);
    const [row] = parseCatalogue(readFileSync(file, 'utf8'), 'catalogue.json');
    const facts = read(embeddedModelPath);
    // That its head is the embedding is not said before the list of tensors.
    expect(facts).toEqual({
      kind: 'known',
      contextTokens: row?.contextTokens,
      textOnly: false,
      unconfirmed: true,
      shape: { ...row?.shape, tied: false },
    });
  });

  const metadata = {
    'general.architecture': 'qwen35',
    'qwen35.block_count': 8,
    'qwen35.context_length': 4096,
    'qwen35.embedding_length': 64,
    'qwen35.feed_forward_length': 96,
    'qwen35.attention.head_count': [0, 4, 0, 4, 0, 4, 0, 4],
    'qwen35.attention.head_count_kv': 2,
    'qwen35.attention.key_length': 32,
    'qwen35.ssm.conv_kernel': 4,
    'qwen35.ssm.state_size': 16,
    'qwen35.ssm.group_count': 2,
    'qwen35.ssm.time_step_rank': 4,
    'qwen35.ssm.inner_size': 64,
    'qwen35.attention.recurrent_layers': [true, false, true, false, true, false, true, false],
    'qwen35.rope.dimension_sections': [11, 11, 10, 0],
    'tokenizer.ggml.tokens': ['a', 'b', 'c'],
  };

  test('count layers that are listed one by one, and tell a model for pictures too', () => {
    expect(ggufFacts(ggufBytes({ metadata, tensors: [] }))).toMatchObject({
      textOnly: true,
      shape: { layers: 8, attentionLayers: 4, heads: 4, kvHeads: 2, denseFf: 96, vocabulary: 3 },
    });
  });

  test('are of no use for another architecture, and not made up when something is missing', () => {
    const llama = { ...metadata, 'general.architecture': 'llama' };
    expect(ggufFacts(ggufBytes({ metadata: llama, tensors: [] }))).toEqual({
      kind: 'unsupported',
      architecture: 'llama',
    });
    const { 'qwen35.ssm.state_size': _, ...less } = metadata;
    expect(ggufFacts(ggufBytes({ metadata: less, tensors: [] }))).toEqual({ kind: 'unclear' });
    expect(ggufFacts(new TextEncoder().encode('GGUF'))).toEqual({ kind: 'unclear' });
    expect(ggufFacts(new Uint8Array(0))).toEqual({ kind: 'unclear' });
  });
});
