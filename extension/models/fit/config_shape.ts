// Sizes of a network from the config.json of a repository, for advice before the download. Lenient: the engine checks
// everything when it loads, and what is missing here only means that there is no advice.
import * as z from 'zod';
import type { ModelShape } from '../../../engine/shared/architecture/shape.ts';

const supported = new Set(['qwen3_next', 'qwen3_5', 'qwen3_5_text', 'qwen3_5_moe', 'qwen3_5_moe_text']);
/** A larger file is no configuration. */
export const configBytesMax = 1_000_000;
const size = z.number().int().min(1).max(10_000_000);

const sizes = z.object({
  num_hidden_layers: size,
  full_attention_interval: size.default(4),
  layer_types: z.array(z.string()).optional(),
  hidden_size: size,
  vocab_size: size,
  tie_word_embeddings: z.boolean().optional(),
  num_attention_heads: size,
  num_key_value_heads: size,
  head_dim: size,
  linear_num_key_heads: size,
  linear_num_value_heads: size,
  linear_key_head_dim: size,
  linear_value_head_dim: size,
  linear_conv_kernel_dim: size.default(4),
  intermediate_size: size.optional(),
  num_experts: z.number().int().min(0).default(0),
  num_experts_per_tok: z.number().int().min(0).default(0),
  moe_intermediate_size: z.number().int().min(0).default(0),
  shared_expert_intermediate_size: z.number().int().min(0).default(0),
  mtp_num_hidden_layers: z.number().int().min(0).optional(),
  max_position_embeddings: size,
});
const outer = z.looseObject({
  model_type: z.string(),
  text_config: z.looseObject({}).optional(),
  vision_config: z.unknown().optional(),
});

export type ConfigFacts =
  /** unconfirmed: some of the sizes are guesses. */
  | { kind: 'known'; shape: ModelShape; contextTokens: number; textOnly: boolean; unconfirmed?: boolean }
  | { kind: 'unsupported'; architecture: string }
  | { kind: 'unclear' };

/** Reads the text of a config.json. */
export function configFacts(text: string): ConfigFacts {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'unclear' };
  }
  const config = outer.safeParse(value);
  if (!config.success) return { kind: 'unclear' };
  const { model_type: architecture, text_config: inner } = config.data;
  if (!supported.has(architecture)) return { kind: 'unsupported', architecture };
  const found = sizes.safeParse({
    tie_word_embeddings: config.data['tie_word_embeddings'],
    ...(inner ?? config.data),
  });
  if (!found.success) return { kind: 'unclear' };
  const { data } = found;
  const layers = data.num_hidden_layers;
  const hasExperts = data.num_experts > 0;
  const attentionLayers = data.layer_types
    ? data.layer_types.filter(type => type === 'full_attention').length
    : Math.floor(layers / data.full_attention_interval);
  return {
    kind: 'known',
    contextTokens: data.max_position_embeddings,
    textOnly: inner !== undefined || Boolean(config.data.vision_config),
    shape: {
      layers,
      attentionLayers,
      hidden: data.hidden_size,
      vocabulary: data.vocab_size,
      tied: data.tie_word_embeddings ?? false,
      heads: data.num_attention_heads,
      kvHeads: data.num_key_value_heads,
      headDim: data.head_dim,
      linearKeyHeads: data.linear_num_key_heads,
      linearValueHeads: data.linear_num_value_heads,
      linearKeyDim: data.linear_key_head_dim,
      linearValueDim: data.linear_value_head_dim,
      convKernel: data.linear_conv_kernel_dim,
      denseFf: hasExperts ? 0 : (data.intermediate_size ?? 0),
      experts: data.num_experts,
      expertsPerToken: data.num_experts_per_tok,
      expertFf: data.moe_intermediate_size,
      sharedExpertFf: data.shared_expert_intermediate_size,
      mtpLayers: data.mtp_num_hidden_layers,
    },
  };
}
