// Kernels of a decoded token for the layers of Qwen3-Next-80B, stored as real files are. Only counted: nothing is read or compiled.
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCheckpoint } from '../../engine/checkpoint/open_checkpoint.ts';
import { byteLength } from '../../engine/checkpoint/quant.ts';
import { openGpu } from '../../engine/gpu/device.ts';
import { CommandList } from '../../engine/gpu/dispatch.ts';
import type { PipelineSpec } from '../../engine/gpu/pipeline.ts';
import { argmaxRows } from '../../engine/kernels/argmax_rows.ts';
import { noRing } from '../../engine/kernels/matvec.ts';
import { readModelConfig } from '../../engine/model/config/config.ts';
import { Qwen3Next } from '../../engine/model/qwen3_next.ts';
import { ggufSources } from '../../engine/model/weights/sources_gguf.ts';
import { TensorFinder } from '../../engine/model/weights/tensor_finder.ts';
import { Uploader } from '../../engine/model/weights/upload.ts';
import { planWeights } from '../../engine/model/weights/weights.ts';
import { ggufHead } from '../support/gguf_writer.ts';
import { modelMetadata } from './model_metadata.ts';
import type { ModelShape } from './model_shapes.ts';
import { planTensors } from './model_tensors.ts';
import { mixed, storageMixes, type StorageMix } from './storage_mixes.ts';

/** 36 DeltaNet and 12 attention layers, as narrow as blocks of 256 allow. */
const shape: ModelShape = {
  hidden: 256,
  layers: 48,
  attentionInterval: 4,
  heads: 2,
  kvHeads: 1,
  headDim: 128,
  linearKeyHeads: 2,
  linearValueHeads: 4,
  linearDim: 64,
  experts: 4,
  expertsPerToken: 2,
  expertFf: 256,
  sharedFf: 256,
  vocabulary: 320,
  contextTokens: 512,
};

/** Storage buffers that a kernel may bind: what every device has, and what usual ones have. */
export const bindingCounts = [8, 10, 16] as const;

export interface MixedDispatches {
  mix: StorageMix;
  bindings: number;
  /** Kernels of a step that chooses the next token. */
  dispatches: number;
}

/** Counts every mix on devices with so many bindings. `directory` takes a file of holes for each mix. */
export async function mixedDispatches(directory: string): Promise<MixedDispatches[]> {
  const counted: MixedDispatches[] = [];
  for (const [i, mix] of storageMixes.entries()) {
    const path = join(directory, `mix-${i}.gguf`);
    await writeHoles(path, mix);
    for (const bindings of bindingCounts)
      counted.push({ mix, bindings, dispatches: await countStep(path, bindings) });
  }
  return counted;
}

async function writeHoles(path: string, mix: StorageMix): Promise<void> {
  const tensors = mixed(planTensors(shape, 'Q8_0'), mix);
  const { bytes, positions } = ggufHead({ metadata: modelMetadata('mix', shape, 'Q8_0'), tensors });
  await writeFile(path, bytes);
  const [last, position] = [tensors.at(-1), positions.at(-1)];
  if (last && position !== undefined) await truncate(path, position + byteLength(last.type, last.shape));
}

const halves = { short: 'f16', shortTokensMax: shape.contextTokens, long: 'f16' } as const;

async function countStep(path: string, bindings: number): Promise<number> {
  const gpu = await openGpu({ software: false, limits: { storageBuffersPerStageMax: bindings } });
  const checkpoint = await openCheckpoint(path);
  try {
    const config = readModelConfig(checkpoint, {});
    const sources = ggufSources(new TensorFinder(checkpoint), config);
    const weights = planWeights(new Uploader(gpu, checkpoint), sources, config);
    const model = new Qwen3Next(gpu, config, weights, shape.contextTokens, halves, path);
    const sequence = await model.createSequence();
    const specs: PipelineSpec[] = [];
    const list = new CommandList(gpu, specs);
    const { pass } = model;
    const step = { count: 1, start: 0, position: 0, pending: 0, commit: 1, ropeRow: 0 };
    pass.layers(list, sequence, { ids: sequence.tokens, ring: noRing }, step);
    pass.head(list, 0, 1);
    const { logits, candidates } = pass.scratch;
    argmaxRows(list, { x: logits, found: candidates }, sequence.tokens, {
      count: 1,
      width: config.vocabularySize,
      ring: noRing,
    });
    return specs.length;
  } finally {
    await checkpoint.close();
    gpu.dispose();
  }
}
