// The sizes of a network of this family, as far as memory and work follow from them (docs/MODEL.md 1.2). The engine has them from the
// model it loads, the extension from a catalogue or the head of a file.

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
  /** Layers with experts, the others have a dense MLP; absent: all of them, where there are experts. */
  expertLayers?: number;
  /** Multi-token-prediction blocks in the files; absent: not known, then room is left for one. */
  mtpLayers?: number;
}
