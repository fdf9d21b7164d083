// Where every weight of the model comes from, as one typed tree; fields keep the checkpoint's names. Types only:
// sources_hf.ts and sources_gguf.ts fill it.
import type { TensorEntry } from '../../checkpoint/checkpoint.ts';
import type { QuantizedFormat } from '../../kernels/quantize_blocks.ts';

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
  /** Rounded to this on the way onto the device; absent: as stored. */
  roundTo?: QuantizedFormat;
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
/** fc joins [normed embedding, normed hidden]; the layer is an attention layer (docs/MODEL.md 8.1). */
export interface MtpSources {
  fc: MatrixSource;
  pre_fc_norm_embedding: VectorSource;
  pre_fc_norm_hidden: VectorSource;
  norm: VectorSource;
  layer: LayerSources;
}
export interface ModelSources {
  embed_tokens: MatrixSource;
  /** Absent: tied to the embedding. */
  lm_head?: MatrixSource;
  norm: VectorSource;
  layers: LayerSources[];
  /** The multi-token-prediction block, when the checkpoint has one. */
  mtp?: MtpSources;
}
