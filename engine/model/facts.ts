// What the user is told about a loaded model, counted from its tensors.
import type { KvFormat } from '../kernels/kv_cache.ts';
import type { KvPlan } from '../shared/architecture/kv_format.ts';
import type { ModelConfig } from './config/config_types.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import type { DraftHead } from './weights/draft_head.ts';
import { matricesOf, type ModelWeights } from './weights/weights.ts';

/** Facts about a loaded model, for the user. */
export interface LoadedModelFacts {
  architecture: string;
  layerCount: number;
  parameterCount: number;
  /** Storage type of most of the weights' bytes. */
  quantization: string;
  /** Weight matrices, those copied for drafts among them, and activations. */
  bytesOnDevice: number;
  contextTokensTrained: number;
  mtpLayers: number;
  /** The checkpoint was made for more than text; only its text part is loaded. */
  textOnly: boolean;
  /** How keys and values of a text are stored: the wanted format, or the next wider one that takes the model's heads. */
  kvFormat: KvFormat;
  /** How they are stored when the text is longer than so many tokens, where that differs. */
  kvFormatBeyond?: { tokens: number; format: KvFormat };
}

/** The facts of a model on the device. */
export function modelFacts({
  config,
  weights,
  workingSet,
  draftHead,
  kvPlan,
}: {
  config: ModelConfig;
  weights: ModelWeights;
  workingSet: ReadonlySet<GpuTensor>;
  draftHead: DraftHead | undefined;
  kvPlan: KvPlan;
}): LoadedModelFacts {
  const bytesByFormat = new Map<string, number>();
  let parameterCount = 0;
  for (const matrix of matricesOf(weights)) {
    bytesByFormat.set(matrix.format, (bytesByFormat.get(matrix.format) ?? 0) + matrix.byteLength);
    parameterCount += matrix.rows * matrix.columns;
  }
  const weightBytes = [...bytesByFormat.values()].reduce((a, b) => a + b, 0);
  return {
    architecture: config.architecture,
    layerCount: config.layerCount,
    parameterCount,
    quantization: [...bytesByFormat].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'F32',
    bytesOnDevice:
      weightBytes +
      (draftHead ? draftHead.matrix.byteLength + draftHead.ids.byteLength : 0) +
      [...workingSet].reduce((sum, tensor) => sum + tensor.byteLength, 0),
    contextTokensTrained: config.contextTokens,
    mtpLayers: config.mtpLayers,
    textOnly: config.textOnly,
    kvFormat: kvPlan.short,
    ...(kvPlan.long === kvPlan.short
      ? {}
      : { kvFormatBeyond: { tokens: kvPlan.shortTokensMax, format: kvPlan.long } }),
  };
}
