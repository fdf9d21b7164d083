// The sizes of a network. Types only.

/** What memory and work are computed from (arithmetic.ts). */
export interface ModelShape {
  layers: number;
  /** Layers with gated attention; the others are DeltaNet. */
  attentionLayers: number;
  hidden: number;
  vocabulary: number;
  /** True: the head is the embedding matrix. */
  tied: boolean;
  heads: number;
  kvHeads: number;
  headDim: number;
  linearKeyHeads: number;
  linearValueHeads: number;
  linearKeyDim: number;
  linearValueDim: number;
  convKernel: number;
  /** Width of the dense MLP; 0 when every layer has experts. */
  denseFf: number;
  /** All 0 when there are no experts. */
  experts: number;
  expertsPerToken: number;
  expertFf: number;
  sharedExpertFf: number;
  /** Multi-token-prediction blocks in the files. Absent when that is not known: then room is left for one. */
  mtpLayers?: number;
}
