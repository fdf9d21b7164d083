// loadModel: an opened checkpoint -> a model on the device, with progress, cancellation and nothing left behind on failure.
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import type { Gpu } from '../gpu/device.ts';
import type { LoadProgress } from '../protocol/lifecycle.ts';
import { limits } from '../protocol/limits.ts';
import { kvFits, type KvFormat } from '../kernels/kv_cache.ts';
import { matvecRowsMax } from '../kernels/matvec.ts';
import { readModelConfig } from './config.ts';
import { Qwen3Next } from './qwen3_next.ts';
import { ggufSources } from './sources_gguf.ts';
import { huggingFaceSources } from './sources_hf.ts';
import { TensorFinder } from './tensor_finder.ts';
import { Uploader } from './upload.ts';
import { uploadWeights } from './weights.ts';

export interface LoadModelOptions {
  /** 0 or absent: the model's own length. */
  contextTokensMax?: number;
  onProgress?: (progress: LoadProgress) => void;
  signal?: AbortSignal;
  /** Load the multi-token-prediction block too, when there is one. */
  mtp?: boolean;
  /** How keys and values are stored; unset: as the length of the context asks for. Heads that q8 cannot store are kept in f16. */
  kvFormat?: KvFormat;
}

export type LoadedModel = Qwen3Next;

/**
 * Uploads the weights and compiles what a first batch needs. The checkpoint stays open and the caller's.
 * Throws unsupportedArchitecture, missingTensor, badCheckpoint, badWeights, limitTooSmall, outOfDeviceMemory, deviceLost.
 */
export async function loadModel(
  gpu: Gpu,
  checkpoint: Checkpoint,
  options: LoadModelOptions = {},
): Promise<LoadedModel> {
  const config = readModelConfig(checkpoint);
  const contextTokensMax = Math.min(options.contextTokensMax || config.contextTokens, config.contextTokens);
  const sources = (checkpoint.container === 'gguf' ? ggufSources : huggingFaceSources)(
    new TensorFinder(checkpoint),
    config,
  );
  const asked = options.kvFormat ?? (contextTokensMax > limits.kvHalfContextTokensMax ? 'q8' : 'f16');
  const kvFormat = kvFits(asked, config.headDim) ? asked : 'f16';
  const totalBytes = wantedBytes(checkpoint);
  const before = gpu.buffers.liveTensors();
  try {
    const uploader = new Uploader(
      gpu,
      checkpoint,
      doneBytes =>
        options.onProgress?.({ stage: 'uploading', doneBytes: Math.min(doneBytes, totalBytes), totalBytes }),
      options.signal,
    );
    const { mtp, ...main } = sources;
    const wanted = options.mtp && mtp ? { ...main, mtp } : main;
    const weights = await uploadWeights(uploader, wanted, config);
    options.onProgress?.({ stage: 'compiling', doneBytes: totalBytes, totalBytes });
    const model = new Qwen3Next(gpu, config, weights, contextTokensMax, kvFormat, checkpoint.path);
    await warmUp(model);
    return model;
  } catch (error) {
    for (const tensor of gpu.buffers.liveTensors()) if (!before.has(tensor)) tensor.dispose();
    throw error;
  }
}

/** More rows than single steps take, so that it is read as a batch. */
const warmUpRows = matvecRowsMax + 1;

/** Reads a few tokens: compiles the pipelines of prefill and decode, and finds weights that give NaN. */
async function warmUp(model: Qwen3Next): Promise<void> {
  const sequence = model.createSequence();
  try {
    // A context of one token has no room for a batch before the step.
    const batch = Math.min(warmUpRows, model.contextTokensMax - 1);
    const ids = Array.from({ length: batch }, (_, i) => i % model.vocabularySize);
    if (batch > 0) await model.forward(sequence, ids, 'last');
    // What follows a batch: single tokens, whose pipelines are their own, and on a GPU drafts, so that no answer waits for them.
    if (!sequence.hasRoom(1)) return;
    await model.forward(sequence, [0], 'last');
    for (let drafts = 0; drafts <= (model.parallel ? model.draftsMax : 0); drafts++) {
      if (!sequence.hasRoom(drafts + 1)) return;
      await model.step(sequence, 0, { drafts, logits: false });
      sequence.takeBack(drafts);
    }
  } finally {
    sequence.dispose();
  }
}

/** Bytes of the tensors that will be read; MTP blocks are not. */
function wantedBytes(checkpoint: Checkpoint): number {
  let total = 0;
  for (const tensor of checkpoint.tensors.values())
    if (!tensor.name.startsWith('mtp.') && !tensor.name.includes('.nextn.')) total += tensor.byteLength;
  return total;
}
