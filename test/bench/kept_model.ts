// Keeps made models: a file is written again only when its sizes, its type or the maker's version changed.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { makeModel, type MadeModel } from './make_model.ts';
import { convKernel, modelShapes, type ModelName, type ModelShape } from './model_shapes.ts';
import type { MatrixType } from './model_tensors.ts';

/** Raise it when the maker writes other files than before. */
const makerVersion = 1;

export interface KeptModel extends MadeModel {
  path: string;
  /** The sizes as transformers' Qwen3NextConfig names them. */
  config: Record<string, unknown>;
}

/** The model in `directory`, made if it is not there. */
export async function keptModel(name: ModelName, type: MatrixType, directory: string): Promise<KeptModel> {
  const shape = modelShapes[name];
  const path = `${directory}/${name}-${type.toLowerCase()}.gguf`;
  const facts = `${path}.json`;
  const key = JSON.stringify({ makerVersion, shape, type });
  if (existsSync(path) && existsSync(facts)) {
    const kept = JSON.parse(readFileSync(facts, 'utf8')) as { key: string; model: KeptModel };
    if (kept.key === key) return { ...kept.model, path };
  }
  const made = await makeModel({ name, shape, type, path });
  const model = { ...made, path, config: transformersConfig(shape) };
  writeFileSync(facts, JSON.stringify({ key, model }));
  return model;
}

function transformersConfig(s: ModelShape): Record<string, unknown> {
  return {
    hidden_size: s.hidden,
    intermediate_size: 4 * s.hidden,
    num_hidden_layers: s.layers,
    layer_types: Array.from({ length: s.layers }, (_, layer) =>
      (layer + 1) % s.attentionInterval === 0 ? 'full_attention' : 'linear_attention',
    ),
    num_attention_heads: s.heads,
    num_key_value_heads: s.kvHeads,
    head_dim: s.headDim,
    linear_num_key_heads: s.linearKeyHeads,
    linear_num_value_heads: s.linearValueHeads,
    linear_key_head_dim: s.linearDim,
    linear_value_head_dim: s.linearDim,
    linear_conv_kernel_dim: convKernel,
    num_experts: s.experts,
    num_experts_per_tok: s.expertsPerToken,
    moe_intermediate_size: s.expertFf,
    shared_expert_intermediate_size: s.sharedFf,
    vocab_size: s.vocabulary,
    max_position_embeddings: s.contextTokens,
    tie_word_embeddings: false,
  };
}
