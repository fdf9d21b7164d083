import { describe, expect, test } from 'vitest';
import type { Checkpoint, TensorEntry } from '../../../engine/checkpoint/checkpoint.ts';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { readModelConfig } from '../../../engine/model/config/config.ts';
import type { ModelConfig } from '../../../engine/model/config/config.ts';
import { HearthError } from '../../../engine/protocol/errors.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';
import { fixtureJson, fixturePath } from '../../support/golden.ts';

async function configOf(...parts: string[]): Promise<ModelConfig> {
  const model = await openCheckpoint(fixturePath(...parts));
  try {
    return readModelConfig(model);
  } finally {
    await model.close();
  }
}

/** A checkpoint that is nothing but settings and tensor shapes. */
function bare(
  container: 'safetensors' | 'gguf',
  metadata: Record<string, unknown>,
  shapes: Record<string, number[]> = {},
): Checkpoint {
  const entries = Object.entries(shapes).map(([name, shape]): [string, TensorEntry] => [
    name,
    { name, type: 'F32', shape, byteLength: 0 },
  ]);
  return { path: 'model', container, metadata, tensors: new Map(entries) } as unknown as Checkpoint;
}

const hf = fixtureJson<Record<string, unknown>>('default', 'config.json');
const readHf = (changes: Record<string, unknown>, shapes: Record<string, number[]> = {}) =>
  readModelConfig(bare('safetensors', { ...hf, ...changes }, shapes));

const gguf: Record<string, unknown> = {
  'general.architecture': 'qwen3next',
  'qwen3next.block_count': 4,
  'qwen3next.context_length': 4096,
  'qwen3next.embedding_length': 64,
  'qwen3next.feed_forward_length': 96,
  'qwen3next.attention.head_count': 4,
  'qwen3next.attention.head_count_kv': 2,
  'qwen3next.attention.key_length': 32,
  'qwen3next.attention.value_length': 32,
  'qwen3next.attention.layer_norm_rms_epsilon': Math.fround(1e-6),
  'qwen3next.rope.freq_base': 1e7,
  'qwen3next.rope.dimension_count': 8,
  'qwen3next.expert_count': 8,
  'qwen3next.expert_used_count': 2,
  'qwen3next.expert_feed_forward_length': 16,
  'qwen3next.expert_shared_feed_forward_length': 32,
  'qwen3next.ssm.conv_kernel': 4,
  'qwen3next.ssm.state_size': 16,
  'qwen3next.ssm.group_count': 2,
  'qwen3next.ssm.time_step_rank': 4,
  'qwen3next.ssm.inner_size': 64,
};
const ggufShapes: Record<string, number[]> = {
  'token_embd.weight': [300, 64],
  ...Object.fromEntries([0, 1, 2, 3].map(block => [`blk.${block}.ffn_gate_inp.weight`, [8, 64]])),
};
const readGguf = (changes: Record<string, unknown>, shapes: Record<string, number[]> = {}) =>
  readModelConfig(bare('gguf', { ...gguf, ...changes }, { ...ggufShapes, ...shapes }));
const without = <T extends object>(object: T, ...keys: string[]) =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));

describe('fixtures', () => {
  test('default', async () => {
    expect(await configOf('default')).toEqual({
      architecture: 'qwen3_next',
      hiddenSize: 64,
      layerCount: 8,
      layerKinds: ['linear', 'linear', 'linear', 'full', 'linear', 'linear', 'linear', 'full'],
      headCount: 4,
      kvHeadCount: 2,
      headDim: 32,
      rotaryDim: 8,
      ropeTheta: 1e7,
      ropeScaling: undefined,
      rmsEps: 1e-6,
      vocabularySize: 256,
      tied: false,
      convKernel: 4,
      linearKeyHeads: 2,
      linearValueHeads: 4,
      linearKeyDim: 16,
      linearValueDim: 16,
      expertCount: 8,
      expertsPerToken: 2,
      expertFf: 16,
      sharedExpertFf: 32,
      normTopkProb: true,
      denseFf: 0,
      moeLayers: Array.from({ length: 8 }, () => true),
      contextTokens: 4096,
      mtpLayers: 1,
      textOnly: false,
      valueHeadOrder: 'grouped',
    });
  });

  test('tied_nonorm: a dense layer, no head, no renormalisation', async () => {
    expect(await configOf('tied_nonorm')).toMatchObject({
      layerKinds: ['linear', 'full', 'linear', 'full', 'linear', 'full'],
      tied: true,
      normTopkProb: false,
      denseFf: 96,
      moeLayers: [true, false, true, true, true, true],
      ropeTheta: 5e6,
      mtpLayers: 0,
      linearKeyHeads: 1,
      linearValueHeads: 4,
    });
  });

  test('yarn: scaling', async () => {
    expect(await configOf('yarn')).toMatchObject({
      ropeScaling: { factor: 4, originalContext: 64, betaFast: 32, betaSlow: 1, truncate: true },
      contextTokens: 256,
      ropeTheta: 1e4,
      rotaryDim: 16,
    });
  });

  test('qwen35_dense: nested settings, rope_parameters, layer_types, no experts', async () => {
    expect(await configOf('qwen35_dense')).toMatchObject({
      architecture: 'qwen3_5',
      layerKinds: ['linear', 'linear', 'linear', 'full'],
      ropeTheta: 1e7,
      rotaryDim: 16,
      tied: true,
      expertCount: 0,
      denseFf: 96,
      moeLayers: [false, false, false, false],
      mtpLayers: 1,
      valueHeadOrder: 'grouped',
    });
  });

  test('says where only the text part of a checkpoint is used', async () => {
    expect((await configOf('qwen35_dense')).textOnly).toBe(true);
    expect((await configOf('default')).textOnly).toBe(false);
    expect(readHf({ vision_config: {} }).textOnly).toBe(true);
    expect(readHf({}, { 'model.visual.patch_embed.proj.weight': [1] }).textOnly).toBe(true);
    expect(readGguf({ 'qwen3next.rope.dimension_sections': [11, 11, 10, 0] }).textOnly).toBe(true);
    expect(readGguf({}).textOnly).toBe(false);
  });

  test('qwen35_moe: experts that always renormalise', async () => {
    expect(await configOf('qwen35_moe')).toMatchObject({
      architecture: 'qwen3_5_moe',
      expertCount: 8,
      normTopkProb: true,
      denseFf: 0,
      tied: false,
    });
  });

  test.each([
    ['gguf_next', 1],
    ['gguf_legacy', 0],
    ['gguf_q4km', 0],
  ])('%s: the GGUF file says the same as the config.json beside it', async (name, mtpLayers) => {
    const fromGguf = await configOf(name, 'model.gguf');
    const tensors: Record<string, number[]> = fromGguf.tied ? {} : { 'lm_head.weight': [1] };
    const fromHf = readModelConfig(bare('safetensors', fixtureJson(name, 'config.json'), tensors));
    expect(fromGguf).toEqual({ ...fromHf, rmsEps: Math.fround(1e-6), mtpLayers });
  });

  test('gguf_35moe: tiled value heads, otherwise the same as its config.json', async () => {
    const fromGguf = await configOf('gguf_35moe', 'model.gguf');
    const json = fixtureJson<Record<string, unknown>>('gguf_35moe', 'config.json');
    const fromHf = readModelConfig(
      bare('safetensors', json, { 'lm_head.weight': [1], 'mtp.fc.weight': [1] }),
    );
    expect(fromGguf).toEqual({ ...fromHf, rmsEps: Math.fround(1e-6), valueHeadOrder: 'tiled' });
  });
});

describe('config.json', () => {
  test('an unknown architecture is named', () => {
    expect(() => readHf({ model_type: 'llama' })).toThrow(/"llama", which Hearth does not run/);
    expect(() => readHf({ model_type: undefined })).toThrow(/model_type is missing/);
  });

  test('absent fields take the class defaults', () => {
    const config = readModelConfig(
      bare(
        'safetensors',
        without(
          hf,
          'partial_rotary_factor',
          'full_attention_interval',
          'max_position_embeddings',
          'norm_topk_prob',
        ),
      ),
    );
    expect(config).toMatchObject({ rotaryDim: 8, contextTokens: 32768, normTopkProb: true });
    expect(config.layerKinds[3]).toBe('full');
  });

  test('rope_parameters is read before the older top-level fields', () => {
    const config = readHf({
      rope_parameters: {
        rope_type: 'yarn',
        rope_theta: 5e6,
        partial_rotary_factor: 0.5,
        factor: 2,
        original_max_position_embeddings: 4096,
      },
    });
    expect(config).toMatchObject({
      ropeTheta: 5e6,
      rotaryDim: 16,
      contextTokens: 8192,
      ropeScaling: { factor: 2 },
    });
  });

  test('YaRN takes all its settings, and the context length when it names no original', () => {
    const scaling = {
      type: 'yarn',
      factor: 4,
      attention_factor: 1.2,
      beta_fast: 16,
      beta_slow: 2,
      truncate: false,
      mscale: 1,
      mscale_all_dim: 0.5,
    };
    expect(readHf({ rope_scaling: scaling }).ropeScaling).toEqual({
      factor: 4,
      originalContext: 4096,
      attentionFactor: 1.2,
      betaFast: 16,
      betaSlow: 2,
      truncate: false,
      mscale: 1,
      mscaleAllDim: 0.5,
    });
    expect(readHf({ rope_scaling: scaling }).contextTokens).toBe(4 * 4096);
  });

  test('decoder_sparse_step makes only every n-th layer sparse', () => {
    const { moeLayers } = readHf({ decoder_sparse_step: 3 });
    expect(moeLayers.map(Number)).toEqual([0, 0, 1, 0, 0, 1, 0, 0]);
  });

  test.each<[string, unknown]>([
    ['hidden_size', 0],
    ['hidden_size', 64.5],
    ['hidden_size', '64'],
    ['hidden_size', undefined],
    ['hidden_size', 1e300],
    ['num_hidden_layers', 100_000],
    ['num_attention_heads', null],
    ['head_dim', -32],
    ['partial_rotary_factor', 1.5],
    ['rope_theta', 0],
    ['rms_norm_eps', -1],
    ['rms_norm_eps', Number.NaN],
    ['vocab_size', 2n ** 62n],
    ['linear_conv_kernel_dim', 1],
    ['num_experts_per_tok', 0],
    ['moe_intermediate_size', []],
    ['norm_topk_prob', 'yes'],
    ['attention_bias', true],
    ['hidden_act', 'gelu'],
    ['layer_types', ['full_attention']],
    ['layer_types', Array.from({ length: 8 }, () => 'sliding_attention')],
    ['mlp_only_layers', 3],
    ['text_config', 'none'],
    ['full_attention_interval', 0],
  ])('%s = %o is refused by name', (field, value) => {
    expect(() => readHf({ [field]: value })).toThrow(HearthError);
    expect(() => readHf({ [field]: value })).toThrow(new RegExp(`usable model file: ${field} is `));
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ['heads that do not divide', { num_attention_heads: 5 }, /5 attention heads do not share 2/],
    ['value heads that do not divide', { linear_num_value_heads: 5 }, /5 linear value heads do not share 2/],
    ['an odd rotary width', { head_dim: 28 }, /rotary width 7 is odd/],
    ['a rotary width of 0', { head_dim: 2 }, /rotary width 0 does not fit/],
    ['more experts a token than there are', { num_experts_per_tok: 9 }, /9 of 8 experts/],
    ['a scaling we do not know', { rope_scaling: { rope_type: 'linear' } }, /rope_type is "linear"/],
    ['YaRN without factor', { rope_scaling: { rope_type: 'yarn' } }, /factor is missing/],
  ])('%s: refused', (_what, changes, reason) => {
    expect(() => readHf(changes)).toThrow(reason);
  });
});

describe('GGUF metadata', () => {
  test('an unknown architecture is named', async () => {
    const error = await hearthErrorOf(() => readGguf({ 'general.architecture': 'llama' }));
    expect(error.code).toBe('unsupportedArchitecture');
    expect((await hearthErrorOf(() => readGguf({ 'general.architecture': undefined }))).message).toContain(
      'general.architecture is missing',
    );
  });

  test('vocabulary, head, experts and MTP come from the tensors', () => {
    const shapes = { 'output.weight': [300, 64], 'blk.3.nextn.eh_proj.weight': [64, 128] };
    const config = readGguf({ 'qwen3next.nextn_predict_layers': 1 }, shapes);
    expect(config).toMatchObject({ vocabularySize: 300, tied: false, layerCount: 3, mtpLayers: 1 });
    expect(readGguf({ 'qwen3next.nextn_predict_layers': 1 })).toMatchObject({ tied: true, mtpLayers: 0 });
  });

  test('blocks without a router are dense, as wide as their tensor', () => {
    const shapes = without(ggufShapes, 'blk.1.ffn_gate_inp.weight') as Record<string, number[]>;
    const read = (extra: Record<string, number[]>) =>
      readModelConfig(bare('gguf', gguf, { ...shapes, ...extra }));
    expect(read({ 'blk.1.ffn_gate.weight': [112, 64] })).toMatchObject({
      moeLayers: [true, false, true, true],
      denseFf: 112,
    });
    expect(read({}).denseFf).toBe(96);
  });

  test('dense layers of different widths are refused', () => {
    const shapes = { 'token_embd.weight': [300, 64], 'blk.0.ffn_gate.weight': [112, 64] };
    expect(() => readModelConfig(bare('gguf', gguf, shapes))).toThrow(/"blk.1.ffn_gate.weight" is 96 wide/);
  });

  test('head counts may be lists with one entry a block', () => {
    const config = readGguf({
      'qwen3next.attention.head_count': [4, 4, 4, 4],
      'qwen3next.attention.head_count_kv': [0, 0, 0, 2],
    });
    expect(config).toMatchObject({ headCount: 4, kvHeadCount: 2 });
    for (const list of [[2, 4], [], [0], ['2'], [2.5]])
      expect(() => readGguf({ 'qwen3next.attention.head_count_kv': list })).toThrow(/head_count_kv is \[/);
  });

  test('a list of recurrent layers replaces the interval', () => {
    const key = 'qwen3next.attention.recurrent_layers';
    expect(readGguf({ [key]: [true, false, true, false] }).layerKinds).toEqual([
      'linear',
      'full',
      'linear',
      'full',
    ]);
    expect(readGguf({ [key]: [1, 0, 1, 0] }).layerKinds).toEqual(['linear', 'full', 'linear', 'full']);
    for (const list of [[true], [1, 2, 3, 4], 'x'])
      expect(() => readGguf({ [key]: list })).toThrow(/recurrent_layers is/);
  });

  test('YaRN settings: the attention factor multiplies the one of the stretch', () => {
    const config = readGguf({
      'qwen3next.rope.scaling.type': 'yarn',
      'qwen3next.rope.scaling.factor': 4,
      'qwen3next.rope.scaling.original_context_length': 4096,
      'qwen3next.rope.scaling.attn_factor': 0.5,
      'qwen3next.rope.scaling.yarn_beta_fast': 16,
    });
    expect(config.ropeScaling).toMatchObject({ factor: 4, originalContext: 4096, betaFast: 16, betaSlow: 1 });
    expect(config.ropeScaling!.attentionFactor).toBeCloseTo(0.5 * 1.1386294361, 9);
    expect(config.contextTokens).toBe(4 * 4096);
    expect(readGguf({ 'qwen3next.rope.scaling.type': 'none' }).ropeScaling).toBeUndefined();
  });

  test.each<[string, unknown]>([
    ['qwen3next.block_count', 0],
    ['qwen3next.nextn_predict_layers', 4],
    ['qwen3next.attention.value_length', 16],
    ['qwen3next.ssm.inner_size', 66],
    ['qwen3next.rope.freq_base', 'fast'],
    ['qwen3next.embedding_length', 2n ** 60n],
    ['qwen3next.expert_count', undefined],
    ['qwen3next.rope.scaling.type', 'longrope'],
    ['qwen3next.attention.layer_norm_rms_epsilon', 0],
  ])('%s = %o is refused by name', (field, value) => {
    expect(() => readGguf({ [field]: value })).toThrow(
      new RegExp(`usable model file: ${field.replaceAll('.', '\\.')} is `),
    );
  });

  test('a model without embedding, or with one of a strange shape, is refused', () => {
    expect(() => readModelConfig(bare('gguf', gguf, {}))).toThrow(/lacks the tensor "token_embd.weight"/);
    expect(() => readGguf({}, { 'token_embd.weight': [300] })).toThrow(
      /"token_embd.weight" has the shape \[300\]/,
    );
  });
});
