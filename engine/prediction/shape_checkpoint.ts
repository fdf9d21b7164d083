// A GGUF file of a given shape that nobody has written: its metadata and tensors, without a byte of weights. A model is counted by it as
// by a real file, through the same code that loads one.
import type { Checkpoint, TensorEntry } from '../checkpoint/checkpoint.ts';
import { byteLength } from '../checkpoint/quant.ts';
import { errors } from '../protocol/errors.ts';
import type { ModelShape } from '../shared/architecture/shape.ts';
import type { MatrixRole, StorageMix } from '../shared/architecture/storage_mixes.ts';
import { storageTypes, type StorageType } from '../shared/architecture/storage_types.ts';

/** What the family calls itself in GGUF. */
const architectureNames = { qwen3_next: 'qwen3next', qwen3_5: 'qwen35', qwen3_5_moe: 'qwen35moe' } as const;

/** A model whose sizes are known. */
export interface ShapedModel {
  name: string;
  architecture: keyof typeof architectureNames;
  shape: ModelShape;
  contextTokens: number;
}

/** A tensor of the file. */
export type ShapedTensor = Pick<TensorEntry, 'name' | 'type' | 'shape'>;

/** The checkpoint, whose tensors cannot be read. Throws internal for layers in another order than all of the family have. */
export function shapeCheckpoint(model: ShapedModel, mix: StorageMix): Checkpoint {
  const tensors = shapeTensors(model, mix).map((tensor): TensorEntry => ({
    ...tensor,
    byteLength: byteLength(tensor.type, tensor.shape),
  }));
  const unread = (): never => {
    throw errors.internal(`${model.name} is only a shape`);
  };
  return {
    path: model.name,
    container: 'gguf',
    metadata: shapeMetadata(model),
    tensors: new Map(tensors.map(tensor => [tensor.name, tensor])),
    read: unread,
    tokenizer: () => Promise.resolve(undefined),
    sampling: () => Promise.resolve(undefined),
    limits: () => Promise.resolve({}),
    close: () => Promise.resolve(),
  };
}

/** What the file says of the sizes, by GGUF's keys (docs/MODEL.md 3.3). */
export function shapeMetadata({
  name,
  architecture,
  shape: s,
  contextTokens,
}: ShapedModel): Record<string, unknown> {
  const own = {
    block_count: s.layers,
    context_length: contextTokens,
    embedding_length: s.hidden,
    feed_forward_length: s.denseFf || 4 * s.hidden,
    vocab_size: s.vocabulary,
    'attention.head_count': s.heads,
    'attention.head_count_kv': s.kvHeads,
    'attention.key_length': s.headDim,
    'attention.value_length': s.headDim,
    'attention.layer_norm_rms_epsilon': 1e-6,
    'rope.freq_base': 1e7,
    'rope.dimension_count': s.headDim / 4,
    expert_count: s.experts,
    expert_used_count: s.expertsPerToken,
    expert_feed_forward_length: s.expertFf,
    expert_shared_feed_forward_length: s.sharedExpertFf,
    'ssm.conv_kernel': s.convKernel,
    'ssm.state_size': s.linearKeyDim,
    'ssm.group_count': s.linearKeyHeads,
    'ssm.time_step_rank': s.linearValueHeads,
    'ssm.inner_size': s.linearValueHeads * s.linearValueDim,
    full_attention_interval: attentionInterval(s),
  };
  const prefix = architectureNames[architecture];
  return {
    'general.architecture': prefix,
    'general.name': name,
    ...Object.fromEntries(Object.entries(own).map(([key, value]) => [`${prefix}.${key}`, value])),
  };
}

/** Every so-manyth layer is an attention layer; more than there are layers where none is. */
function attentionInterval({ layers, attentionLayers }: ModelShape): number {
  const interval = attentionLayers === 0 ? layers + 1 : Math.round(layers / attentionLayers);
  if (Math.floor(layers / interval) !== attentionLayers)
    throw errors.internal(`${attentionLayers} of ${layers} layers with attention are not every so-manyth`);
  return interval;
}

/** All tensors in file order. A block for multi-token prediction is left out: it takes no part in a plain step. */
export function shapeTensors({ shape: s, architecture }: ShapedModel, mix: StorageMix): ShapedTensor[] {
  const tensors: ShapedTensor[] = [];
  const place = { index: 0, count: s.layers };
  const add = (name: string, role: MatrixRole, shape: number[], at = place) => {
    const experts = name.includes('_exps.');
    tensors.push({ name, shape, type: storedAs(mix({ role, experts, tied: s.tied, ...at }), shape) });
  };
  const interval = attentionInterval(s);
  const values = s.linearValueHeads * s.linearValueDim;
  const channels = 2 * s.linearKeyHeads * s.linearKeyDim + values;
  add('token_embd.weight', 'embedding', [s.vocabulary, s.hidden]);
  for (let layer = 0; layer < s.layers; layer++) {
    const p = `blk.${layer}.`;
    place.index = layer;
    add(`${p}attn_norm.weight`, 'small', [s.hidden]);
    if ((layer + 1) % interval === 0) {
      const amongAttention = { index: (layer + 1) / interval - 1, count: s.attentionLayers };
      add(`${p}attn_q.weight`, 'matrix', [2 * s.heads * s.headDim, s.hidden]);
      add(`${p}attn_k.weight`, 'matrix', [s.kvHeads * s.headDim, s.hidden]);
      add(`${p}attn_v.weight`, 'value', [s.kvHeads * s.headDim, s.hidden], amongAttention);
      add(`${p}attn_output.weight`, 'matrix', [s.hidden, s.heads * s.headDim]);
      add(`${p}attn_q_norm.weight`, 'small', [s.headDim]);
      add(`${p}attn_k_norm.weight`, 'small', [s.headDim]);
    } else {
      add(`${p}attn_qkv.weight`, 'matrix', [channels, s.hidden]);
      add(`${p}attn_gate.weight`, 'matrix', [values, s.hidden]);
      if (architecture === 'qwen3_next')
        add(`${p}ssm_ba.weight`, 'matrix', [2 * s.linearValueHeads, s.hidden]);
      else
        for (const part of ['beta', 'alpha'])
          add(`${p}ssm_${part}.weight`, 'matrix', [s.linearValueHeads, s.hidden]);
      add(`${p}ssm_conv1d.weight`, 'small', [channels, s.convKernel]);
      add(`${p}ssm_dt.bias`, 'small', [s.linearValueHeads]);
      add(`${p}ssm_a`, 'small', [s.linearValueHeads]);
      add(`${p}ssm_norm.weight`, 'small', [s.linearValueDim]);
      add(`${p}ssm_out.weight`, 'matrix', [s.hidden, values]);
    }
    add(`${p}post_attention_norm.weight`, 'small', [s.hidden]);
    if (s.experts > 0) {
      add(`${p}ffn_gate_inp.weight`, 'small', [s.experts, s.hidden]);
      add(`${p}ffn_gate_inp_shexp.weight`, 'small', [s.hidden]);
      add(`${p}ffn_gate_shexp.weight`, 'matrix', [s.sharedExpertFf, s.hidden]);
      add(`${p}ffn_up_shexp.weight`, 'matrix', [s.sharedExpertFf, s.hidden]);
      add(`${p}ffn_down_shexp.weight`, 'down', [s.hidden, s.sharedExpertFf]);
      add(`${p}ffn_gate_exps.weight`, 'matrix', [s.experts, s.expertFf, s.hidden]);
      add(`${p}ffn_up_exps.weight`, 'matrix', [s.experts, s.expertFf, s.hidden]);
      add(`${p}ffn_down_exps.weight`, 'down', [s.experts, s.hidden, s.expertFf]);
    } else {
      add(`${p}ffn_gate.weight`, 'matrix', [s.denseFf, s.hidden]);
      add(`${p}ffn_up.weight`, 'matrix', [s.denseFf, s.hidden]);
      add(`${p}ffn_down.weight`, 'down', [s.hidden, s.denseFf]);
    }
  }
  add('output_norm.weight', 'small', [s.hidden]);
  if (!s.tied) add('output.weight', 'head', [s.vocabulary, s.hidden]);
  return tensors;
}

/** What llama.cpp's converter takes where rows are no whole number of blocks of 256. */
const fallbacks: Partial<Record<StorageType, StorageType>> = { Q4_K: 'Q5_0', Q5_K: 'Q5_1', Q6_K: 'Q8_0' };

function storedAs(type: StorageType, shape: readonly number[]): StorageType {
  return (shape.at(-1) ?? 0) % storageTypes[type].elements === 0 ? type : (fallbacks[type] ?? type);
}
