// ModelConfig from the config.json of a Hugging Face checkpoint: qwen3_next, and the text part of qwen3_5*.
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import { errors } from '../../protocol/errors.ts';
import { architectureName } from '../../shared/architecture/other_models.ts';
import { phrase } from '../../protocol/phrase.ts';
import type { Architecture, LayerKind, ModelConfig, RopeScaling } from './config_types.ts';
import { ConfigFields, sizeLimits } from './config_fields.ts';

const architectures = new Map<string, Architecture>([
  ['qwen3_next', 'qwen3_next'],
  ['qwen3_5', 'qwen3_5'],
  ['qwen3_5_text', 'qwen3_5'],
  ['qwen3_5_moe', 'qwen3_5_moe'],
  ['qwen3_5_moe_text', 'qwen3_5_moe'],
]);

/** Reads the fields; relations between them are checked by readModelConfig. */
export function readHfConfig(checkpoint: Checkpoint): ModelConfig {
  const { path, metadata, tensors } = checkpoint;
  const top = new ConfigFields(path, metadata);
  const modelType = top.string('model_type');
  if (modelType === undefined) throw top.bad('model_type', phrase`the name of an architecture`);
  const architecture = architectures.get(modelType);
  if (!architecture) throw errors.unsupportedArchitecture(path, architectureName(modelType.slice(0, 80)));
  const text = top.has('text_config') ? top.nested('text_config') : top;
  checkOptions(text);

  const rope = text.nested('rope_parameters');
  const inRope = (field: string) => (rope.has(field) ? rope : text);
  const layerCount = text.integer('num_hidden_layers', { max: sizeLimits.layers });
  const headDim = text.integer('head_dim', { max: sizeLimits.headDim });
  const partial = inRope('partial_rotary_factor').number('partial_rotary_factor', { max: 1, fallback: 0.25 });
  const positions = text.integer('max_position_embeddings', {
    max: sizeLimits.contextTokens,
    fallback: 32768,
  });
  const moeLayers = readMoeLayers(text, layerCount);
  const moe = moeLayers.includes(true);
  const expert = (field: string, max: number) => (moe ? text.integer(field, { max }) : 0);
  return {
    architecture,
    hiddenSize: text.integer('hidden_size', { max: sizeLimits.width }),
    layerCount,
    layerKinds: readLayerKinds(text, layerCount),
    headCount: text.integer('num_attention_heads', { max: sizeLimits.heads }),
    kvHeadCount: text.integer('num_key_value_heads', { max: sizeLimits.heads }),
    headDim,
    rotaryDim: Math.trunc(headDim * partial),
    ropeTheta: inRope('rope_theta').number('rope_theta', { above: 1, max: 1e12 }),
    ropeScaling: readScaling(text, positions),
    rmsEps: text.number('rms_norm_eps', { max: 1, fallback: 1e-6 }),
    vocabularySize: text.integer('vocab_size', { max: sizeLimits.vocabulary }),
    tied: !tensors.has('lm_head.weight'),
    convKernel: text.integer('linear_conv_kernel_dim', { min: 2, max: sizeLimits.convKernel }),
    linearKeyHeads: text.integer('linear_num_key_heads', { max: sizeLimits.heads }),
    linearValueHeads: text.integer('linear_num_value_heads', { max: sizeLimits.heads }),
    linearKeyDim: text.integer('linear_key_head_dim', { max: sizeLimits.headDim }),
    linearValueDim: text.integer('linear_value_head_dim', { max: sizeLimits.headDim }),
    expertCount: expert('num_experts', sizeLimits.experts),
    expertsPerToken: expert('num_experts_per_tok', sizeLimits.experts),
    expertFf: expert('moe_intermediate_size', sizeLimits.width),
    sharedExpertFf: expert('shared_expert_intermediate_size', sizeLimits.width),
    // Qwen3.5 has no such field and always renormalises.
    normTopkProb: architecture === 'qwen3_next' ? text.boolean('norm_topk_prob', true) : true,
    denseFf: moeLayers.includes(false)
      ? text.integer('intermediate_size', { max: sizeLimits.width, fallback: 5632 })
      : 0,
    moeLayers,
    contextTokens: positions,
    mtpLayers: tensors.has('mtp.fc.weight')
      ? text.integer('mtp_num_hidden_layers', { min: 0, max: sizeLimits.layers, fallback: 1 })
      : 0,
    textOnly: isForMore(top, tensors.keys()),
    valueHeadOrder: 'grouped',
  };
}

/** Checkpoints for pictures keep the settings of their text part apart, and the rest beside it. */
function isForMore(top: ConfigFields, names: Iterable<string>): boolean {
  if (top.has('text_config') || top.has('vision_config')) return true;
  for (const name of names) if (/^(model\.)?visual\./.test(name)) return true;
  return false;
}

/** No released model sets these otherwise; one that does would need mathematics we do not have. */
function checkOptions(text: ConfigFields): void {
  if (text.boolean('attention_bias', false))
    throw text.bad('attention_bias', phrase`false, the only supported value`);
  if (!text.boolean('attn_output_gate', true))
    throw text.bad('attn_output_gate', phrase`true, the only supported value`);
  if ((text.string('hidden_act') ?? 'silu') !== 'silu')
    throw text.bad('hidden_act', phrase`"silu", the only supported value`);
}

function readLayerKinds(text: ConfigFields, layerCount: number): LayerKind[] {
  const names = text.array('layer_types');
  if (!names) {
    const interval = text.integer('full_attention_interval', { max: sizeLimits.layers, fallback: 4 });
    return Array.from({ length: layerCount }, (_, layer) =>
      (layer + 1) % interval === 0 ? 'full' : 'linear',
    );
  }
  if (names.length !== layerCount) throw text.bad('layer_types', phrase`a list of ${layerCount} entries`);
  return names.map(name => {
    if (name === 'full_attention') return 'full';
    if (name === 'linear_attention') return 'linear';
    throw text.bad('layer_types', phrase`a list of "linear_attention" and "full_attention"`);
  });
}

function readMoeLayers(text: ConfigFields, layerCount: number): boolean[] {
  const experts = text.integer('num_experts', { min: 0, max: sizeLimits.experts, fallback: 0 });
  const step = text.integer('decoder_sparse_step', { max: sizeLimits.layers, fallback: 1 });
  const dense = new Set(text.array('mlp_only_layers') ?? []);
  return Array.from(
    { length: layerCount },
    (_, layer) => experts > 0 && !dense.has(layer) && (layer + 1) % step === 0,
  );
}

/** YaRN from rope_scaling, or from rope_parameters where newer configs keep it. */
function readScaling(text: ConfigFields, positions: number): RopeScaling | undefined {
  const rope = text.nested(text.has('rope_scaling') ? 'rope_scaling' : 'rope_parameters');
  const typeField = rope.has('rope_type') ? 'rope_type' : 'type';
  const type = rope.string(typeField) ?? 'default';
  // "mrope" only says how pictures are placed; for text it is the plain rotation.
  if (type === 'default' || type === 'mrope') return undefined;
  if (type !== 'yarn') throw rope.bad(typeField, phrase`"default" or "yarn"`);
  return {
    factor: rope.number('factor', { max: 1e6 }),
    originalContext: rope.integer('original_max_position_embeddings', {
      max: sizeLimits.contextTokens,
      fallback: positions,
    }),
    attentionFactor: rope.optionalNumber('attention_factor', { max: 1e6 }),
    betaFast: rope.number('beta_fast', { max: 1e6, fallback: 32 }),
    betaSlow: rope.number('beta_slow', { max: 1e6, fallback: 1 }),
    truncate: rope.boolean('truncate', true),
    mscale: rope.optionalNumber('mscale', { max: 1e6 }),
    mscaleAllDim: rope.optionalNumber('mscale_all_dim', { max: 1e6 }),
  };
}
