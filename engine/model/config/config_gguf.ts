// ModelConfig from GGUF metadata. What metadata does not say is read off the tensors: vocabulary, tied head,
// which blocks have experts, the dense width, the MTP blocks.
import type { Checkpoint, TensorEntry } from '../../checkpoint/checkpoint.ts';
import { firstMtpBlock } from '../../checkpoint/mtp_companion.ts';
import { describeValue } from '../../checkpoint/describe_value.ts';
import { errors } from '../../protocol/errors.ts';
import { architectureName } from '../../shared/architecture/other_models.ts';
import { phrase } from '../../protocol/phrase.ts';
import type { Architecture, LayerKind, ModelConfig, RopeScaling } from './config_types.ts';
import { ConfigFields, sizeLimits } from './config_fields.ts';

const architectures = new Map<string, Architecture>([
  ['qwen3next', 'qwen3_next'],
  ['qwen35', 'qwen3_5'],
  ['qwen35moe', 'qwen3_5_moe'],
]);

/** Reads the fields; relations between them are checked by readModelConfig. */
export function readGgufConfig(checkpoint: Checkpoint): ModelConfig {
  const { path, metadata, tensors } = checkpoint;
  const general = new ConfigFields(path, metadata, 'general.');
  const name = general.string('architecture');
  if (name === undefined) throw general.bad('architecture', phrase`the name of an architecture`);
  const architecture = architectures.get(name);
  if (!architecture) throw errors.unsupportedArchitecture(path, architectureName(name.slice(0, 80)));
  const fields = new ConfigFields(path, metadata, `${name}.`);

  const layerCount = readLayerCount(path, fields, tensors);
  const headDim = fields.integer('attention.key_length', { max: sizeLimits.headDim });
  if (fields.integer('attention.value_length', { max: sizeLimits.headDim, fallback: headDim }) !== headDim)
    throw fields.bad('attention.value_length', phrase`${headDim}, the key length`);
  const linearValueHeads = fields.integer('ssm.time_step_rank', { max: sizeLimits.heads });
  const innerSize = fields.integer('ssm.inner_size', { max: sizeLimits.width });
  if (innerSize % linearValueHeads !== 0)
    throw fields.bad('ssm.inner_size', phrase`a multiple of the ${linearValueHeads} value heads`);
  const moeLayers = Array.from({ length: layerCount }, (_, block) =>
    tensors.has(`blk.${block}.ffn_gate_inp.weight`),
  );
  const moe = moeLayers.includes(true);
  const expert = (field: string, max: number) => (moe ? fields.integer(field, { max }) : 0);
  const contextTokens = fields.integer('context_length', { max: sizeLimits.contextTokens });
  return {
    architecture,
    hiddenSize: fields.integer('embedding_length', { max: sizeLimits.width }),
    layerCount,
    layerKinds: readLayerKinds(fields, layerCount),
    headCount: perLayerCount(fields, 'attention.head_count'),
    kvHeadCount: perLayerCount(fields, 'attention.head_count_kv'),
    headDim,
    rotaryDim: fields.integer('rope.dimension_count', { max: sizeLimits.headDim }),
    ropeTheta: fields.number('rope.freq_base', { above: 1, max: 1e12 }),
    ropeScaling: readScaling(fields, contextTokens),
    rmsEps: fields.number('attention.layer_norm_rms_epsilon', { max: 1 }),
    vocabularySize: readVocabularySize(path, tensors),
    tied: !tensors.has('output.weight'),
    convKernel: fields.integer('ssm.conv_kernel', { min: 2, max: sizeLimits.convKernel }),
    linearKeyHeads: fields.integer('ssm.group_count', { max: sizeLimits.heads }),
    linearValueHeads,
    linearKeyDim: fields.integer('ssm.state_size', { max: sizeLimits.headDim }),
    linearValueDim: innerSize / linearValueHeads,
    expertCount: expert('expert_count', sizeLimits.experts),
    expertsPerToken: expert('expert_used_count', sizeLimits.experts),
    expertFf: expert('expert_feed_forward_length', sizeLimits.width),
    sharedExpertFf: expert('expert_shared_feed_forward_length', sizeLimits.width),
    normTopkProb: true,
    denseFf: readDenseFf(path, fields, tensors, moeLayers),
    moeLayers,
    contextTokens,
    mtpLayers: tensors.has(`blk.${layerCount}.nextn.eh_proj.weight`) ? 1 : 0,
    // How positions in pictures turn the heads; the pictures' own part is a file of its own (mmproj).
    textOnly: fields.has('rope.dimension_sections'),
    valueHeadOrder: readValueHeadOrder(architecture, fields, tensors),
  };
}

/**
 * Layers without the MTP block. Files disagree on whether block_count and nextn_predict_layers count a block that was cut off or added
 * later, so the tensors decide: an MTP block ends the layers, and a block that looks like any other is one.
 */
function readLayerCount(
  path: string,
  fields: ConfigFields,
  tensors: ReadonlyMap<string, TensorEntry>,
): number {
  const blockCount = fields.integer('block_count', { max: sizeLimits.layers });
  const mtpBlocks = fields.integer('nextn_predict_layers', { min: 0, max: blockCount - 1, fallback: 0 });
  const blocks = new Set([...tensors.keys()].map(name => Number(/^blk\.(\d+)\./.exec(name)?.[1] ?? NaN)));
  const mtp = firstMtpBlock(tensors.keys());
  if (mtp !== undefined && mtp > 0 && !blocks.has(0))
    throw errors.badCheckpoint(
      path,
      phrase`it holds only the block that predicts several tokens; choose the model itself, which reads this file when it lies beside it`,
    );
  let layerCount = mtp ?? blockCount;
  // Blocks that were counted but cut off.
  if (mtp === undefined)
    while (layerCount > blockCount - mtpBlocks && !blocks.has(layerCount - 1)) layerCount--;
  if (layerCount < Math.max(1, blockCount - Math.max(mtpBlocks, 1)) || layerCount > blockCount)
    throw errors.badCheckpoint(
      path,
      phrase`it says that it has ${blockCount} blocks, ${mtpBlocks} of them to predict several tokens, but by its tensors it has ${layerCount} layers`,
    );
  return layerCount;
}

/**
 * llama.cpp tiles the value heads of qwen35*. Ollama says so, but calls its imports of Qwen3-Next by the same name, whose heads are as
 * the model has them: those have the tensors of that model (ssm_ba), or Ollama's own name of dt without the word.
 */
function readValueHeadOrder(
  architecture: Architecture,
  fields: ConfigFields,
  tensors: ReadonlyMap<string, TensorEntry>,
): ModelConfig['valueHeadOrder'] {
  if (architecture === 'qwen3_next') return 'grouped';
  if (fields.has('ssm.v_head_reordered'))
    return fields.boolean('ssm.v_head_reordered', true) ? 'tiled' : 'grouped';
  const names = [...tensors.keys()];
  return names.some(name => /^blk\.\d+\.(ssm_dt|ssm_ba\.weight)$/.test(name)) ? 'grouped' : 'tiled';
}

function readVocabularySize(path: string, tensors: ReadonlyMap<string, TensorEntry>): number {
  const embedding = tensors.get('token_embd.weight');
  if (!embedding) throw errors.missingTensor(path, 'token_embd.weight');
  const [rows = 0] = embedding.shape;
  if (embedding.shape.length === 2 && rows <= sizeLimits.vocabulary) return rows;
  throw errors.badCheckpoint(
    path,
    phrase`"token_embd.weight" has the shape ${describeValue(embedding.shape)}`,
  );
}

/** Width of the dense MLPs by their tensors, which must agree; the metadata field is only a fallback. */
function readDenseFf(
  path: string,
  fields: ConfigFields,
  tensors: ReadonlyMap<string, TensorEntry>,
  moeLayers: readonly boolean[],
): number {
  let width = 0;
  for (const [block, moe] of moeLayers.entries()) {
    if (moe) continue;
    const name = `blk.${block}.ffn_gate.weight`;
    const found =
      tensors.get(name)?.shape[0] ?? fields.integer('feed_forward_length', { max: sizeLimits.width });
    if (width !== 0 && found !== width)
      throw errors.badCheckpoint(
        path,
        phrase`"${name}" is ${found} wide, other dense layers are ${width} wide`,
      );
    width = found;
  }
  return width;
}

/** A count that is the same for all layers, or a list with one entry a block in which 0 means "not this kind". */
function perLayerCount(fields: ConfigFields, field: string): number {
  const value = fields.value(field);
  if (!Array.isArray(value)) return fields.integer(field, { max: sizeLimits.heads });
  const [count, ...others] = new Set(value.filter(entry => entry !== 0) as unknown[]);
  const whole =
    typeof count === 'number' && Number.isInteger(count) && count >= 1 && count <= sizeLimits.heads;
  if (!whole || others.length > 0) throw fields.bad(field, phrase`one count for all attention layers`);
  return count;
}

function readLayerKinds(fields: ConfigFields, layerCount: number): LayerKind[] {
  const recurrent = fields.array('attention.recurrent_layers');
  if (recurrent) {
    const flags = recurrent.slice(0, layerCount);
    const [yes, no] = [new Set<unknown>([1, true]), new Set<unknown>([0, false])];
    if (flags.length < layerCount || flags.some(flag => !yes.has(flag) && !no.has(flag)))
      throw fields.bad('attention.recurrent_layers', phrase`a list with true or false for each block`);
    return flags.map(flag => (yes.has(flag) ? 'linear' : 'full'));
  }
  const kvHeads = fields.value('attention.head_count_kv');
  if (Array.isArray(kvHeads) && kvHeads.length >= layerCount && kvHeads.includes(0))
    return kvHeads.slice(0, layerCount).map(heads => (heads === 0 ? 'linear' : 'full'));
  const interval = fields.integer('full_attention_interval', { max: sizeLimits.layers, fallback: 4 });
  return Array.from({ length: layerCount }, (_, layer) => ((layer + 1) % interval === 0 ? 'full' : 'linear'));
}

function readScaling(fields: ConfigFields, contextTokens: number): RopeScaling | undefined {
  const type = fields.string('rope.scaling.type') ?? 'none';
  if (type === 'none') return undefined;
  if (type !== 'yarn') throw fields.bad('rope.scaling.type', phrase`"none" or "yarn"`);
  const factor = fields.number('rope.scaling.factor', { max: 1e6 });
  // In GGUF this multiplies YaRN's own factor, where config.json's attention_factor replaces it.
  const multiplier = fields.optionalNumber('rope.scaling.attn_factor', { max: 1e6 });
  return {
    factor,
    originalContext: fields.integer('rope.scaling.original_context_length', {
      max: sizeLimits.contextTokens,
      fallback: contextTokens,
    }),
    attentionFactor: multiplier === undefined ? undefined : multiplier * (0.1 * Math.log(factor) + 1),
    betaFast: fields.number('rope.scaling.yarn_beta_fast', { max: 1e6, fallback: 32 }),
    betaSlow: fields.number('rope.scaling.yarn_beta_slow', { max: 1e6, fallback: 1 }),
    truncate: true,
  };
}
