// The sizes of a model that was read, as the footprint needs them.
import type { ModelShape } from '../../shared/architecture/shape.ts';
import type { ModelConfig } from './config_types.ts';

/** The shape of a model; `mtpLayers`: blocks for multi-token prediction that are loaded. */
export function shapeOf(config: ModelConfig, mtpLayers: number): ModelShape {
  const { layerCount, layerKinds, moeLayers } = config;
  return {
    layers: layerCount,
    attentionLayers: layerKinds.filter(kind => kind === 'full').length,
    hidden: config.hiddenSize,
    vocabulary: config.vocabularySize,
    tied: config.tied,
    heads: config.headCount,
    kvHeads: config.kvHeadCount,
    headDim: config.headDim,
    linearKeyHeads: config.linearKeyHeads,
    linearValueHeads: config.linearValueHeads,
    linearKeyDim: config.linearKeyDim,
    linearValueDim: config.linearValueDim,
    convKernel: config.convKernel,
    denseFf: config.denseFf,
    experts: config.expertCount,
    expertsPerToken: config.expertsPerToken,
    expertFf: config.expertFf,
    sharedExpertFf: config.sharedExpertFf,
    expertLayers: moeLayers.filter(isMoe => isMoe).length,
    mtpLayers,
  };
}
