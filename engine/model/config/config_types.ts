// What a model is, in one type, whichever container it came in. Types only; config.ts fills and checks them.

/** Qwen3-Next; Qwen3.5 with dense MLPs; Qwen3.5 with experts. */
export type Architecture = 'qwen3_next' | 'qwen3_5' | 'qwen3_5_moe';
export type LayerKind = 'linear' | 'full';

/** YaRN: stretched rotary frequencies for contexts longer than trained. */
export interface RopeScaling {
  /** Context extension factor f, greater than 0. */
  factor: number;
  /** Tokens of context the model was trained on. */
  originalContext: number;
  /** Multiplier of cos and sin. Unset: from the factor, or from mscale and mscaleAllDim when both are set. */
  attentionFactor?: number;
  /** Rotations within the original context above / below which a frequency is kept / wholly stretched. */
  betaFast: number;
  betaSlow: number;
  /** Round the bounds of the ramp to whole dimensions. */
  truncate: boolean;
  mscale?: number;
  mscaleAllDim?: number;
}

export interface ModelConfig {
  architecture: Architecture;
  /** H: width of the residual stream. */
  hiddenSize: number;
  /** L: decoder layers, MTP blocks not counted. */
  layerCount: number;
  /** [L] mixer of each layer: Gated DeltaNet or gated attention. */
  layerKinds: LayerKind[];
  /** nh, nkv: query and key/value heads of an attention layer; nh is a multiple of nkv. */
  headCount: number;
  kvHeadCount: number;
  /** hd: width of one attention head. */
  headDim: number;
  /** rd: leading dimensions of a head that are rotated; even, at most hd. */
  rotaryDim: number;
  ropeTheta: number;
  ropeScaling?: RopeScaling;
  /** Epsilon of every RMS norm. */
  rmsEps: number;
  /** V: rows of the embedding and of the head; may exceed the tokenizer's vocabulary. */
  vocabularySize: number;
  /** True: no head tensor, logits use the embedding matrix. */
  tied: boolean;
  /** K: taps of the causal convolution. */
  convKernel: number;
  /** nk, nv: key and value heads of a DeltaNet layer; nv is a multiple of nk. */
  linearKeyHeads: number;
  linearValueHeads: number;
  /** dk, dv: widths of one key and one value head. */
  linearKeyDim: number;
  linearValueDim: number;
  /** E, k, F, Fs; all 0 when no layer has experts. */
  expertCount: number;
  expertsPerToken: number;
  expertFf: number;
  sharedExpertFf: number;
  /** Renormalise the k chosen probabilities to a sum of 1. */
  normTopkProb: boolean;
  /** Width of the dense MLP of layers without experts; 0 when there is none. */
  denseFf: number;
  /** [L] true: sparse MoE, false: dense MLP. */
  moeLayers: boolean[];
  /** Tokens of context the model supports; with YaRN, the extended length. */
  contextTokens: number;
  /** Multi-token-prediction blocks whose tensors are present. */
  mtpLayers: number;
  /** The checkpoint was made for more than text, pictures say; only its text part is used. */
  textOnly: boolean;
  /** In the file, value head h uses key head floor(h * nk / nv) ('grouped') or h mod nk ('tiled'). */
  valueHeadOrder: 'grouped' | 'tiled';
}
