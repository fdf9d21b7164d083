// Sizes of the benchmark models: small ones in the proportions of Qwen3-Next-80B-A3B, and a pair that shows how cost
// grows with context.
import type { ShapedModel } from '../../engine/prediction/shape_checkpoint.ts';

export interface ModelShape {
  hidden: number;
  layers: number;
  /** Every so-manyth layer is an attention layer; 1: all of them. */
  attentionInterval: number;
  heads: number;
  kvHeads: number;
  headDim: number;
  linearKeyHeads: number;
  linearValueHeads: number;
  /** Width of a key head and of a value head. */
  linearDim: number;
  experts: number;
  expertsPerToken: number;
  expertFf: number;
  sharedFf: number;
  vocabulary: number;
  contextTokens: number;
}

/** 72.6 M parameters, 26.5 M of them used for a token. */
const small: ModelShape = {
  hidden: 512,
  layers: 8,
  attentionInterval: 4,
  heads: 8,
  kvHeads: 2,
  headDim: 128,
  linearKeyHeads: 4,
  linearValueHeads: 8,
  linearDim: 128,
  experts: 32,
  expertsPerToken: 4,
  expertFf: 128,
  sharedFf: 128,
  vocabulary: 4096,
  contextTokens: 32768,
};

/** 779 M parameters, 217 M of them used for a token. */
const mid: ModelShape = {
  hidden: 1024,
  layers: 12,
  attentionInterval: 4,
  heads: 8,
  kvHeads: 2,
  headDim: 256,
  linearKeyHeads: 8,
  linearValueHeads: 16,
  linearDim: 128,
  experts: 64,
  expertsPerToken: 8,
  expertFf: 256,
  sharedFf: 256,
  vocabulary: 32768,
  contextTokens: 32768,
};

/** 9 DeltaNet and 3 attention layers of 4 heads × 64: 768 attention lanes, as 12 × 16 × 256 in the 80B. */
const hybrid: ModelShape = {
  hidden: 256,
  layers: 12,
  attentionInterval: 4,
  heads: 4,
  kvHeads: 1,
  headDim: 64,
  linearKeyHeads: 2,
  linearValueHeads: 4,
  linearDim: 64,
  experts: 8,
  expertsPerToken: 2,
  expertFf: 256,
  sharedFf: 256,
  vocabulary: 1024,
  contextTokens: 32768,
};

/**
 * The control: 16 attention layers of 16 heads × 32 (8192 attention lanes, 10.7 times the hybrid's), and a feed-forward
 * width that makes the linear work of a token the same.
 */
const attention: ModelShape = {
  ...hybrid,
  layers: 16,
  attentionInterval: 1,
  heads: 16,
  kvHeads: 4,
  headDim: 32,
  expertFf: 64,
  sharedFf: 96,
};

export const modelShapes = { small, mid, hybrid, attention } as const;
export type ModelName = keyof typeof modelShapes;

/** Taps of the causal convolution. */
export const convKernel = 4;

/** The model as the engine knows shapes. */
export function shapedModel(name: string, s: ModelShape): ShapedModel {
  const { attentionInterval, linearDim, sharedFf, contextTokens, ...same } = s;
  const shape = {
    ...same,
    attentionLayers: Math.floor(s.layers / attentionInterval),
    tied: false,
    linearKeyDim: linearDim,
    linearValueDim: linearDim,
    convKernel,
    denseFf: 0,
    sharedExpertFf: sharedFf,
    mtpLayers: 0,
  };
  return { name, architecture: 'qwen3_next', shape, contextTokens };
}

/** Matrix elements multiplied for one token: the linear work. */
export function linearElementsPerToken(s: ModelShape): number {
  const attentionLayers = Math.floor(s.layers / s.attentionInterval);
  const valueWidth = s.linearValueHeads * s.linearDim;
  const deltaMixer =
    s.hidden * (2 * s.linearKeyHeads * s.linearDim + 2 * valueWidth + 2 * s.linearValueHeads + valueWidth);
  const attentionMixer = s.hidden * s.headDim * (3 * s.heads + 2 * s.kvHeads);
  const feedForward = s.hidden * (3 * s.expertsPerToken * s.expertFf + 3 * s.sharedFf + s.experts + 1);
  return (
    attentionLayers * attentionMixer +
    (s.layers - attentionLayers) * deltaMixer +
    s.layers * feedForward +
    s.hidden * s.vocabulary
  );
}
