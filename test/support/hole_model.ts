// Models whose weights are holes in files, so that gigabytes take no space: GGUF in Q4_K and safetensors in BF16, with a vocabulary
// as large as any released one.
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { tokenizerFromGguf } from '../../engine/checkpoint/gguf_tokenizer.ts';
import { byteLength } from '../../engine/checkpoint/quant.ts';
import { byteOfCharacter } from '../../engine/tokenizer/byte_alphabet.ts';
import { modelMetadata } from '../bench/model_metadata.ts';
import { convKernel, type ModelShape } from '../bench/model_shapes.ts';
import { planTensors } from '../bench/model_tensors.ts';
import { ggufHead } from './gguf_writer.ts';
import { safetensorsFile, writeModelDirectory } from './safetensors_writer.ts';

const vocabulary = 250_000;
/** A DeltaNet and an attention layer; together with the embedding 0.9 GB in BF16. */
const shape: ModelShape = {
  hidden: 1024,
  layers: 2,
  attentionInterval: 2,
  heads: 8,
  kvHeads: 2,
  headDim: 256,
  linearKeyHeads: 8,
  linearValueHeads: 16,
  linearDim: 128,
  experts: 64,
  expertsPerToken: 8,
  expertFf: 512,
  sharedFf: 512,
  vocabulary,
  contextTokens: 4096,
};

/** Writes the file; its path. */
export async function writeHoleGguf(directory: string): Promise<string> {
  const tensors = planTensors(shape, 'Q4_K');
  const metadata = { ...modelMetadata('holes', { ...shape, vocabulary: 300 }, 'Q4_K'), ...tokens() };
  const { bytes, positions } = ggufHead({ metadata, tensors });
  const last = tensors.at(-1)!;
  await writeModelDirectory(directory, {});
  return writeHole(
    join(directory, 'model.gguf'),
    bytes,
    positions.at(-1)! + byteLength(last.type, last.shape),
  );
}

/** Writes the directory; its path. */
export async function writeHoleSafetensors(directory: string): Promise<string> {
  const { tokenizerJson } = tokenizerFromGguf(directory, tokens());
  let end = 0;
  const header = Object.fromEntries(
    Object.entries(safetensorsShapes()).map(([name, sizes]) => {
      const begin = end;
      end += sizes.reduce((product, size) => product * size, 2);
      return [name, { dtype: 'BF16', shape: sizes, data_offsets: [begin, end] }];
    }),
  );
  await writeModelDirectory(directory, {
    'config.json': configuration(),
    'tokenizer.json': tokenizerJson,
  });
  const bytes = safetensorsFile(JSON.stringify(header));
  await writeHole(join(directory, 'model.safetensors'), bytes, bytes.byteLength + end);
  return directory;
}

async function writeHole(path: string, bytes: Uint8Array, length: number): Promise<string> {
  const file = await open(path, 'w');
  await file.write(bytes);
  await file.truncate(length);
  await file.close();
  return path;
}

/** Bytes, pairs of them, and triples of pairs and bytes, each with its merge. */
function tokens(): Record<string, unknown> {
  const bytes = [...byteOfCharacter.keys()];
  const pairs = bytes.flatMap(a => bytes.map(b => [a, b] as const));
  const triples = pairs.flatMap(pair => bytes.slice(-4).map(c => [pair.join(''), c] as const));
  const merges = [...pairs, ...triples].slice(0, vocabulary - bytes.length - 1);
  const all = [...bytes, ...merges.map(merge => merge.join('')), '<|endoftext|>'];
  return {
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'qwen2',
    'tokenizer.ggml.tokens': all,
    'tokenizer.ggml.token_type': all.map((_, id) => (id === all.length - 1 ? 3 : 1)),
    'tokenizer.ggml.merges': merges.map(merge => merge.join(' ')),
    'tokenizer.ggml.eos_token_id': all.length - 1,
    'tokenizer.ggml.padding_token_id': all.length - 1,
  };
}

function configuration(): Record<string, unknown> {
  return {
    architectures: ['Qwen3NextForCausalLM'],
    model_type: 'qwen3_next',
    hidden_size: shape.hidden,
    num_hidden_layers: shape.layers,
    full_attention_interval: shape.attentionInterval,
    num_attention_heads: shape.heads,
    num_key_value_heads: shape.kvHeads,
    head_dim: shape.headDim,
    partial_rotary_factor: 0.25,
    rope_theta: 1e7,
    max_position_embeddings: shape.contextTokens,
    rms_norm_eps: 1e-6,
    vocab_size: vocabulary,
    linear_conv_kernel_dim: convKernel,
    linear_num_key_heads: shape.linearKeyHeads,
    linear_num_value_heads: shape.linearValueHeads,
    linear_key_head_dim: shape.linearDim,
    linear_value_head_dim: shape.linearDim,
    num_experts: shape.experts,
    num_experts_per_tok: shape.expertsPerToken,
    moe_intermediate_size: shape.expertFf,
    shared_expert_intermediate_size: shape.sharedFf,
    norm_topk_prob: true,
    tie_word_embeddings: true,
  };
}

/** Names and shapes of a Hugging Face checkpoint (docs/MODEL.md 2). */
function safetensorsShapes(): Record<string, number[]> {
  const {
    hidden: H,
    heads,
    kvHeads,
    headDim,
    linearKeyHeads: nk,
    linearValueHeads: nv,
    linearDim: d,
  } = shape;
  const out: Record<string, number[]> = {
    'model.embed_tokens.weight': [vocabulary, H],
    'model.norm.weight': [H],
  };
  const mlp = (p: string, width: number) => {
    out[`${p}.gate_proj.weight`] = [width, H];
    out[`${p}.up_proj.weight`] = [width, H];
    out[`${p}.down_proj.weight`] = [H, width];
  };
  for (let layer = 0; layer < shape.layers; layer++) {
    const p = `model.layers.${layer}`;
    out[`${p}.input_layernorm.weight`] = out[`${p}.post_attention_layernorm.weight`] = [H];
    if (layer % shape.attentionInterval === shape.attentionInterval - 1) {
      out[`${p}.self_attn.q_proj.weight`] = [2 * heads * headDim, H];
      out[`${p}.self_attn.k_proj.weight`] = out[`${p}.self_attn.v_proj.weight`] = [kvHeads * headDim, H];
      out[`${p}.self_attn.o_proj.weight`] = [H, heads * headDim];
      out[`${p}.self_attn.q_norm.weight`] = out[`${p}.self_attn.k_norm.weight`] = [headDim];
    } else {
      out[`${p}.linear_attn.in_proj_qkvz.weight`] = [2 * nk * d + 2 * nv * d, H];
      out[`${p}.linear_attn.in_proj_ba.weight`] = [2 * nv, H];
      out[`${p}.linear_attn.out_proj.weight`] = [H, nv * d];
      out[`${p}.linear_attn.conv1d.weight`] = [2 * nk * d + nv * d, 1, convKernel];
      out[`${p}.linear_attn.A_log`] = out[`${p}.linear_attn.dt_bias`] = [nv];
      out[`${p}.linear_attn.norm.weight`] = [d];
    }
    out[`${p}.mlp.gate.weight`] = [shape.experts, H];
    out[`${p}.mlp.shared_expert_gate.weight`] = [1, H];
    mlp(`${p}.mlp.shared_expert`, shape.sharedFf);
    for (let e = 0; e < shape.experts; e++) mlp(`${p}.mlp.experts.${e}`, shape.expertFf);
  }
  return out;
}
