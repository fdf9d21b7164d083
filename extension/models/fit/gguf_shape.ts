// Sizes of a network from the settings in a GGUF file, for advice. What only the list of tensors says (whether the head is the
// embedding, which layers have experts) is taken as most models have it, so figures computed from these sizes are rough.
import * as z from 'zod';
import type { ConfigFacts } from './config_shape.ts';
import { readGgufHead, type GgufHead } from './gguf_head.ts';

const architectures = new Set(['qwen3next', 'qwen35', 'qwen35moe']);
const size = z.number().int().min(1).max(10_000_000);
const maybe = z.number().int().min(0).max(10_000_000).default(0);
/** A count for all layers, or one for each, 0 where a layer is of another kind. */
const perLayer = z
  .union([size, z.array(z.number().int().min(0)).transform(counts => Math.max(0, ...counts))])
  .pipe(size);

const settings = z.object({
  block_count: size,
  nextn_predict_layers: maybe,
  context_length: size,
  embedding_length: size,
  feed_forward_length: maybe,
  'attention.head_count': perLayer,
  'attention.head_count_kv': perLayer,
  'attention.key_length': size,
  'attention.recurrent_layers': z.array(z.union([z.boolean(), z.number()])).optional(),
  full_attention_interval: size.default(4),
  'ssm.conv_kernel': size,
  'ssm.state_size': size,
  'ssm.group_count': size,
  'ssm.time_step_rank': size,
  'ssm.inner_size': size,
  expert_count: maybe,
  expert_used_count: maybe,
  expert_feed_forward_length: maybe,
  expert_shared_feed_forward_length: maybe,
});

/** Reads the first bytes of a file. */
export function ggufFacts(bytes: Uint8Array): ConfigFacts {
  const head = readGgufHead(bytes);
  const architecture = head?.values.get('general.architecture');
  if (!head || typeof architecture !== 'string') return { kind: 'unclear' };
  if (!architectures.has(architecture))
    return { kind: 'unsupported', architecture: architecture.slice(0, 80) };
  const found = settings.safeParse(settingsOf(head, `${architecture}.`));
  const vocabulary = head.lengths.get('tokenizer.ggml.tokens');
  if (!found.success || !vocabulary) return { kind: 'unclear' };
  const { data } = found;
  const layers = data.block_count - data.nextn_predict_layers;
  const linear = data['attention.recurrent_layers']?.slice(0, layers).filter(Boolean).length;
  const hasExperts = data.expert_count > 0;
  return {
    kind: 'known',
    contextTokens: data.context_length,
    textOnly: head.values.has(`${architecture}.rope.dimension_sections`),
    unconfirmed: true,
    shape: {
      layers,
      attentionLayers:
        linear === undefined ? Math.floor(layers / data.full_attention_interval) : layers - linear,
      hidden: data.embedding_length,
      vocabulary,
      tied: false,
      heads: data['attention.head_count'],
      kvHeads: data['attention.head_count_kv'],
      headDim: data['attention.key_length'],
      linearKeyHeads: data['ssm.group_count'],
      linearValueHeads: data['ssm.time_step_rank'],
      linearKeyDim: data['ssm.state_size'],
      linearValueDim: Math.max(1, Math.floor(data['ssm.inner_size'] / data['ssm.time_step_rank'])),
      convKernel: data['ssm.conv_kernel'],
      denseFf: hasExperts ? 0 : data.feed_forward_length,
      experts: data.expert_count,
      expertsPerToken: data.expert_used_count,
      expertFf: data.expert_feed_forward_length,
      sharedExpertFf: data.expert_shared_feed_forward_length,
      mtpLayers: data.nextn_predict_layers,
    },
  };
}

function settingsOf({ values }: GgufHead, prefix: string): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [key, value] of values) if (key.startsWith(prefix)) found[key.slice(prefix.length)] = value;
  return found;
}
