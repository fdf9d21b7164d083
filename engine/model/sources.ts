// Where every weight of the model comes from: one typed tree for Hugging Face names and for GGUF names.
// All one-time changes of a checkpoint (the +1 of norms, the row order of fused projections) are written down here.
import type { Checkpoint, TensorEntry } from '../checkpoint/checkpoint.ts';
import { errors } from '../protocol/errors.ts';
import type { ModelConfig } from './config.ts';

/** Rows of one stored tensor, in the order they are wanted. */
export interface RowSource {
  tensor: TensorEntry;
  /** [first row, row count] pieces; absent: all rows. */
  pieces?: [number, number][];
}
/** A matrix put together from the rows of one or more tensors of the same type. */
export interface MatrixSource {
  rows: number;
  columns: number;
  sources: RowSource[];
}
/** A small float tensor, changed on the way: w + 1 for zero-centred norms, -e^w for A_log. */
export interface VectorSource {
  tensor: TensorEntry;
  length: number;
  change?: 'plusOne' | 'negativeExp';
  /** [first value, count] pieces in the order they are wanted; absent: as stored. */
  pieces?: [number, number][];
}

export interface FullMixerSources {
  kind: 'full';
  q_proj: MatrixSource;
  k_proj: MatrixSource;
  v_proj: MatrixSource;
  o_proj: MatrixSource;
  q_norm: VectorSource;
  k_norm: VectorSource;
}
export interface LinearMixerSources {
  kind: 'linear';
  /** Rows q all, k all, v all. */
  in_proj_qkv: MatrixSource;
  in_proj_z: MatrixSource;
  in_proj_b: MatrixSource;
  in_proj_a: MatrixSource;
  out_proj: MatrixSource;
  conv1d: VectorSource;
  negA: VectorSource;
  dt_bias: VectorSource;
  norm: VectorSource;
}
export interface MoeSources {
  kind: 'moe';
  /** Router. */
  gate: MatrixSource;
  shared_expert_gate: MatrixSource;
  /** All experts one after another. */
  experts: { gate_proj: MatrixSource; up_proj: MatrixSource; down_proj: MatrixSource };
  shared_expert: DenseMatrices;
}
export interface DenseMatrices {
  gate_proj: MatrixSource;
  up_proj: MatrixSource;
  down_proj: MatrixSource;
}
export interface LayerSources {
  input_layernorm: VectorSource;
  post_attention_layernorm: VectorSource;
  mixer: FullMixerSources | LinearMixerSources;
  mlp: MoeSources | ({ kind: 'dense' } & DenseMatrices);
}
export interface ModelSources {
  embed_tokens: MatrixSource;
  /** Absent: tied to the embedding. */
  lm_head?: MatrixSource;
  norm: VectorSource;
  layers: LayerSources[];
}

/** Finds every tensor of the model. Throws missingTensor or badCheckpoint with the tensor's name. */
export function modelSources(checkpoint: Checkpoint, config: ModelConfig): ModelSources {
  const find = new TensorFinder(checkpoint);
  return checkpoint.container === 'gguf' ? ggufSources(find, config) : huggingFaceSources(find, config);
}

/** Looks tensors up by name and checks their shapes. */
class TensorFinder {
  constructor(private readonly checkpoint: Checkpoint) {}

  has(name: string): boolean {
    return this.checkpoint.tensors.has(name);
  }
  tensor(name: string): TensorEntry {
    const found = this.checkpoint.tensors.get(name);
    if (!found) throw errors.missingTensor(this.checkpoint.path, name);
    return found;
  }
  matrix(name: string, rows: number, columns: number, pieces?: [number, number][]): MatrixSource {
    const tensor = this.tensor(name);
    const innermost = tensor.shape.at(-1) ?? 0;
    const storedRows = tensor.shape.slice(0, -1).reduce((a, b) => a * b, 1);
    const wantedRows = pieces ? pieces.reduce((sum, [, count]) => sum + count, 0) : storedRows;
    if (innermost !== columns || wantedRows !== rows) this.wrongShape(tensor, `${rows}×${columns}`);
    for (const [first, count] of pieces ?? []) if (first + count > storedRows) this.wrongShape(tensor, `at least ${first + count} rows`);
    return { rows, columns, sources: [pieces ? { tensor, pieces } : { tensor }] };
  }
  vector(name: string, length: number, change?: VectorSource['change']): VectorSource {
    const tensor = this.tensor(name);
    if (tensor.shape.reduce((a, b) => a * b, 1) !== length) this.wrongShape(tensor, `${length} values`);
    return change ? { tensor, length, change } : { tensor, length };
  }
  private wrongShape(tensor: TensorEntry, wanted: string): never {
    throw errors.badCheckpoint(this.checkpoint.path, `tensor "${tensor.name}" has shape [${tensor.shape.join(', ')}], expected ${wanted}`);
  }
}

function sizesOf(config: ModelConfig) {
  const { linearKeyHeads: nk, linearValueHeads: nv, linearKeyDim: dk, linearValueDim: dv } = config;
  return {
    hidden: config.hiddenSize,
    q: config.headCount * config.headDim,
    kv: config.kvHeadCount * config.headDim,
    nk,
    nv,
    dk,
    dv,
    ratio: nv / nk,
    channels: 2 * nk * dk + nv * dv,
  };
}

/** Rows of the fused, per-key-head interleaved in_proj_qkvz: [q dk, k dk, v r*dv, z r*dv] for each key head (qwen3-next 2.3). */
function interleavedPieces(config: ModelConfig): { qkv: [number, number][]; z: [number, number][] } {
  const { nk, dk, dv, ratio } = sizesOf(config);
  const width = 2 * dk + 2 * ratio * dv;
  const heads = Array.from({ length: nk }, (_, g) => g * width);
  return {
    qkv: [
      ...heads.map((at): [number, number] => [at, dk]),
      ...heads.map((at): [number, number] => [at + dk, dk]),
      ...heads.map((at): [number, number] => [at + 2 * dk, ratio * dv]),
    ],
    z: heads.map((at): [number, number] => [at + 2 * dk + ratio * dv, ratio * dv]),
  };
}

/**
 * qwen35* GGUF stores value heads tiled: position j * nk + g holds head g * r + j (qwen3-next 6.3). Pieces of `width` values a head that
 * bring them back to grouped order, after `before` values that stay.
 */
function groupedPieces(config: ModelConfig, width: number, before = 0): [number, number][] {
  const { nk, nv, ratio } = sizesOf(config);
  const heads = Array.from({ length: nv }, (_, h): [number, number] => [before + ((h % ratio) * nk + Math.floor(h / ratio)) * width, width]);
  return before > 0 ? [[0, before], ...heads] : heads;
}

/** Rows of the fused in_proj_ba: [b r, a r] for each key head. */
function betaAlphaPieces(config: ModelConfig): { b: [number, number][]; a: [number, number][] } {
  const { nk, ratio } = sizesOf(config);
  const heads = Array.from({ length: nk }, (_, g) => g * 2 * ratio);
  return { b: heads.map(at => [at, ratio]), a: heads.map(at => [at + ratio, ratio]) };
}

function huggingFaceSources(find: TensorFinder, config: ModelConfig): ModelSources {
  const s = sizesOf(config);
  const root = find.has('model.language_model.embed_tokens.weight') ? 'model.language_model.' : 'model.';
  const norm = (name: string, length: number) => find.vector(name, length, 'plusOne');
  const dense = (p: string, width: number): DenseMatrices => ({
    gate_proj: find.matrix(`${p}gate_proj.weight`, width, s.hidden),
    up_proj: find.matrix(`${p}up_proj.weight`, width, s.hidden),
    down_proj: find.matrix(`${p}down_proj.weight`, s.hidden, width),
  });
  const experts = (p: string): MoeSources['experts'] => {
    const { expertCount, expertFf } = config;
    if (find.has(`${p}experts.gate_up_proj`)) {
      const half = (first: number) => Array.from({ length: expertCount }, (_, e): [number, number] => [e * 2 * expertFf + first, expertFf]);
      return {
        gate_proj: find.matrix(`${p}experts.gate_up_proj`, expertCount * expertFf, s.hidden, half(0)),
        up_proj: find.matrix(`${p}experts.gate_up_proj`, expertCount * expertFf, s.hidden, half(expertFf)),
        down_proj: find.matrix(`${p}experts.down_proj`, expertCount * s.hidden, expertFf),
      };
    }
    const all = (name: string, rows: number, columns: number): MatrixSource => ({
      rows: expertCount * rows,
      columns,
      sources: Array.from({ length: expertCount }, (_, e) => find.matrix(`${p}experts.${e}.${name}.weight`, rows, columns).sources).flat(),
    });
    return {
      gate_proj: all('gate_proj', expertFf, s.hidden),
      up_proj: all('up_proj', expertFf, s.hidden),
      down_proj: all('down_proj', s.hidden, expertFf),
    };
  };
  const linear = (p: string): LinearMixerSources => {
    const fused = find.has(`${p}in_proj_qkvz.weight`);
    const { qkv, z } = interleavedPieces(config);
    const { b, a } = betaAlphaPieces(config);
    return {
      kind: 'linear',
      in_proj_qkv: fused ? find.matrix(`${p}in_proj_qkvz.weight`, s.channels, s.hidden, qkv) : find.matrix(`${p}in_proj_qkv.weight`, s.channels, s.hidden),
      in_proj_z: fused ? find.matrix(`${p}in_proj_qkvz.weight`, s.nv * s.dv, s.hidden, z) : find.matrix(`${p}in_proj_z.weight`, s.nv * s.dv, s.hidden),
      in_proj_b: fused ? find.matrix(`${p}in_proj_ba.weight`, s.nv, s.hidden, b) : find.matrix(`${p}in_proj_b.weight`, s.nv, s.hidden),
      in_proj_a: fused ? find.matrix(`${p}in_proj_ba.weight`, s.nv, s.hidden, a) : find.matrix(`${p}in_proj_a.weight`, s.nv, s.hidden),
      out_proj: find.matrix(`${p}out_proj.weight`, s.hidden, s.nv * s.dv),
      conv1d: find.vector(`${p}conv1d.weight`, s.channels * config.convKernel),
      negA: find.vector(`${p}A_log`, s.nv, 'negativeExp'),
      dt_bias: find.vector(`${p}dt_bias`, s.nv),
      norm: find.vector(`${p}norm.weight`, s.dv),
    };
  };
  const full = (p: string): FullMixerSources => ({
    kind: 'full',
    q_proj: find.matrix(`${p}q_proj.weight`, 2 * s.q, s.hidden),
    k_proj: find.matrix(`${p}k_proj.weight`, s.kv, s.hidden),
    v_proj: find.matrix(`${p}v_proj.weight`, s.kv, s.hidden),
    o_proj: find.matrix(`${p}o_proj.weight`, s.hidden, s.q),
    q_norm: norm(`${p}q_norm.weight`, config.headDim),
    k_norm: norm(`${p}k_norm.weight`, config.headDim),
  });
  return {
    embed_tokens: find.matrix(`${root}embed_tokens.weight`, config.vocabularySize, s.hidden),
    ...(find.has('lm_head.weight') ? { lm_head: find.matrix('lm_head.weight', config.vocabularySize, s.hidden) } : {}),
    norm: norm(`${root}norm.weight`, s.hidden),
    layers: config.layerKinds.map((kind, i) => {
      const p = `${root}layers.${i}.`;
      return {
        input_layernorm: norm(`${p}input_layernorm.weight`, s.hidden),
        post_attention_layernorm: norm(`${p}post_attention_layernorm.weight`, s.hidden),
        mixer: kind === 'full' ? full(`${p}self_attn.`) : linear(`${p}linear_attn.`),
        mlp: config.moeLayers[i]
          ? {
              kind: 'moe' as const,
              gate: find.matrix(`${p}mlp.gate.weight`, config.expertCount, s.hidden),
              shared_expert_gate: find.matrix(`${p}mlp.shared_expert_gate.weight`, 1, s.hidden),
              experts: experts(`${p}mlp.`),
              shared_expert: dense(`${p}mlp.shared_expert.`, config.sharedExpertFf),
            }
          : { kind: 'dense' as const, ...dense(`${p}mlp.`, config.denseFf) },
      };
    }),
  };
}

function ggufSources(find: TensorFinder, config: ModelConfig): ModelSources {
  const s = sizesOf(config);
  const dense = (p: string, suffix: string, width: number): DenseMatrices => ({
    gate_proj: find.matrix(`${p}ffn_gate${suffix}.weight`, width, s.hidden),
    up_proj: find.matrix(`${p}ffn_up${suffix}.weight`, width, s.hidden),
    down_proj: find.matrix(`${p}ffn_down${suffix}.weight`, s.hidden, width),
  });
  const linear = (p: string): LinearMixerSources => {
    const legacy = find.has(`${p}ssm_in.weight`);
    const tiled = config.valueHeadOrder === 'tiled';
    const { qkv, z } = interleavedPieces(config);
    const { b, a } = betaAlphaPieces(config);
    const queriesAndKeys = 2 * s.nk * s.dk;
    const order = (width: number, before = 0) => (tiled ? groupedPieces(config, width, before) : undefined);
    const values = (source: VectorSource, width: number, before = 0): VectorSource => ({ ...source, pieces: order(width, before) });
    return {
      kind: 'linear',
      in_proj_qkv: legacy
        ? find.matrix(`${p}ssm_in.weight`, s.channels, s.hidden, qkv)
        : find.matrix(`${p}attn_qkv.weight`, s.channels, s.hidden, order(s.dv, queriesAndKeys)),
      in_proj_z: legacy
        ? find.matrix(`${p}ssm_in.weight`, s.nv * s.dv, s.hidden, z)
        : find.matrix(`${p}attn_gate.weight`, s.nv * s.dv, s.hidden, order(s.dv)),
      in_proj_b: tiled ? find.matrix(`${p}ssm_beta.weight`, s.nv, s.hidden, order(1)) : find.matrix(`${p}ssm_ba.weight`, s.nv, s.hidden, b),
      in_proj_a: tiled ? find.matrix(`${p}ssm_alpha.weight`, s.nv, s.hidden, order(1)) : find.matrix(`${p}ssm_ba.weight`, s.nv, s.hidden, a),
      out_proj: find.matrix(`${p}ssm_out.weight`, s.hidden, s.nv * s.dv),
      conv1d: values(find.vector(`${p}ssm_conv1d.weight`, s.channels * config.convKernel), s.dv * config.convKernel, queriesAndKeys * config.convKernel),
      negA: values(find.vector(`${p}ssm_a`, s.nv), 1),
      dt_bias: values(find.vector(`${p}ssm_dt.bias`, s.nv), 1),
      norm: find.vector(`${p}ssm_norm.weight`, s.dv),
    };
  };
  const full = (p: string): FullMixerSources => ({
    kind: 'full',
    q_proj: find.matrix(`${p}attn_q.weight`, 2 * s.q, s.hidden),
    k_proj: find.matrix(`${p}attn_k.weight`, s.kv, s.hidden),
    v_proj: find.matrix(`${p}attn_v.weight`, s.kv, s.hidden),
    o_proj: find.matrix(`${p}attn_output.weight`, s.hidden, s.q),
    q_norm: find.vector(`${p}attn_q_norm.weight`, config.headDim),
    k_norm: find.vector(`${p}attn_k_norm.weight`, config.headDim),
  });
  const { expertCount, expertFf } = config;
  return {
    embed_tokens: find.matrix('token_embd.weight', config.vocabularySize, s.hidden),
    ...(find.has('output.weight') ? { lm_head: find.matrix('output.weight', config.vocabularySize, s.hidden) } : {}),
    norm: find.vector('output_norm.weight', s.hidden),
    layers: config.layerKinds.map((kind, i) => {
      const p = `blk.${i}.`;
      return {
        input_layernorm: find.vector(`${p}attn_norm.weight`, s.hidden),
        post_attention_layernorm: find.vector(`${p}post_attention_norm.weight`, s.hidden),
        mixer: kind === 'full' ? full(p) : linear(p),
        mlp: config.moeLayers[i]
          ? {
              kind: 'moe' as const,
              gate: find.matrix(`${p}ffn_gate_inp.weight`, expertCount, s.hidden),
              shared_expert_gate: find.matrix(`${p}ffn_gate_inp_shexp.weight`, 1, s.hidden),
              experts: {
                gate_proj: find.matrix(`${p}ffn_gate_exps.weight`, expertCount * expertFf, s.hidden),
                up_proj: find.matrix(`${p}ffn_up_exps.weight`, expertCount * expertFf, s.hidden),
                down_proj: find.matrix(`${p}ffn_down_exps.weight`, expertCount * s.hidden, expertFf),
              },
              shared_expert: dense(p, '_shexp', config.sharedExpertFf),
            }
          : { kind: 'dense' as const, ...dense(p, '', config.denseFf) },
      };
    }),
  };
}
