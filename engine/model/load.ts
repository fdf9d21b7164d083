// loadModel: an opened checkpoint -> a model on the device, with progress, cancellation and nothing left behind on failure.
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import type { Gpu } from '../gpu/device.ts';
import { isDeviceMemoryLack } from '../protocol/errors.ts';
import type { LoadProgress } from '../protocol/lifecycle.ts';
import { errorLine } from '../protocol/log_line.ts';
import type { KvFormat } from '../kernels/kv_cache.ts';
import { matvecRowsMax } from '../kernels/matvec.ts';
import type { QuantizedFormat } from '../kernels/quantize_blocks.ts';
import { kvPageLayout, kvPlanFor, kvPlanWithin, type KvPlan } from '../shared/architecture/kv_format.ts';
import { readModelConfig, type ModelConfig } from './config/config.ts';
import { Qwen3Next } from './qwen3_next.ts';
import { roundSources } from './weights/rounding.ts';
import { ggufSources } from './weights/sources_gguf.ts';
import { huggingFaceSources } from './weights/sources_hf.ts';
import { TensorFinder } from './weights/tensor_finder.ts';
import { Uploader } from './weights/upload.ts';
import type { ModelSources } from './weights/sources.ts';
import { planWeights } from './weights/weights.ts';

export interface LoadModelOptions {
  /** 0 or absent: the model's own length. */
  contextTokensMax?: number;
  /** Stretches the context by a static YaRN factor, whatever the file says; 1: not at all. Absent: as the file says. */
  yarnFactor?: number;
  /** Rounds large matrices to this as they arrive; GGUF's packed types stay as they are. */
  quantize?: QuantizedFormat;
  onProgress?: (progress: LoadProgress) => void;
  signal?: AbortSignal;
  /** Load the multi-token-prediction block too, when there is one; or only where the model fits with it. */
  mtp?: boolean | 'where it fits';
  /** Drafts are chosen among these ids where there is memory for it (see Qwen3Next.draftAmong); unset: among all. */
  draftIds?: Uint32Array<ArrayBuffer> | undefined;
  /** Unset: the variants in force stay. */
  variants?: VariantChoice;
  /** Rows of the largest batch; unset: as many as the device gains by. */
  batchTokensMax?: number;
  /** How keys and values are stored; unset: as the length of the text and the context ask for. Heads that q8 cannot store are kept in f16. */
  kvFormat?: KvFormat;
  /** Takes the place of what the length of the context asks for: for tests of long texts with short ones. */
  kvPlan?: KvPlan;
}

/** Settles which variants of kernels run. */
export interface VariantChoice {
  /** Before the weights arrive: sets variants that are known, so that kernels compile meanwhile; false when none are. */
  useKnown(model: Qwen3Next): Promise<boolean>;
  /** With the weights there: measures variants and sets the best. */
  measure(model: Qwen3Next): Promise<void>;
  /** The model has computed with the variants in force: what was measured may be kept. */
  proved(model: Qwen3Next): Promise<void>;
  /** It could not, though there was memory enough: what was kept is not used again. */
  failed(model: Qwen3Next): Promise<void>;
}

export type LoadedModel = Qwen3Next;

/**
 * Brings the weights onto the device and compiles what answers need first. The checkpoint stays open and the caller's.
 * Throws unsupportedArchitecture, missingTensor, badCheckpoint, badWeights, limitTooSmall, outOfDeviceMemory, deviceLost,
 * loadCancelled.
 */
export async function loadModel(
  gpu: Gpu,
  checkpoint: Checkpoint,
  options: LoadModelOptions = {},
): Promise<LoadedModel> {
  try {
    return await loadOnce(gpu, checkpoint, options);
  } catch (error) {
    const mayDoWithout = options.mtp === 'where it fits' && isDeviceMemoryLack(error);
    if (!mayDoWithout || !sourcesOf(checkpoint, readModelConfig(checkpoint, options)).mtp) throw error;
    console.error(`loading again without the model's MTP block: ${error.message}`);
    // What was freed is there when the device is done with it; of what was refused all is told by then.
    await gpu.idle().catch((later: unknown) => {
      if (!isDeviceMemoryLack(later)) throw later;
    });
    return loadOnce(gpu, checkpoint, { ...options, mtp: false });
  }
}

function sourcesOf(checkpoint: Checkpoint, config: ModelConfig): ModelSources {
  const read = checkpoint.container === 'gguf' ? ggufSources : huggingFaceSources;
  return read(new TensorFinder(checkpoint), config);
}

/**
 * The model with room for its weights, and what brings them; nothing is compiled or read yet. Throws what loadModel throws of files and
 * memory, and leaves what it has made of tensors.
 */
export async function planModel(
  gpu: Gpu,
  checkpoint: Checkpoint,
  options: LoadModelOptions = {},
): Promise<{ model: Qwen3Next; uploader: Uploader }> {
  const config = readModelConfig(checkpoint, options);
  const { contextTokensMax, kvPlan } = contextPlan(gpu, config, options);
  const { mtp, ...main } = sourcesOf(checkpoint, config);
  const sources = options.mtp && mtp ? { ...main, mtp } : main;
  if (options.quantize) roundSources(sources, options.quantize);
  const uploader = new Uploader(gpu, checkpoint);
  const weights = await gpu.buffers.obtain('the weights', 'weights', () =>
    planWeights(uploader, sources, config),
  );
  const { batchTokensMax } = options;
  const model = new Qwen3Next(gpu, config, weights, contextTokensMax, kvPlan, checkpoint.path, {
    batchTokensMax,
  });
  return { model, uploader };
}

async function loadOnce(gpu: Gpu, checkpoint: Checkpoint, options: LoadModelOptions): Promise<LoadedModel> {
  const { onProgress, signal } = options;
  const before = gpu.buffers.liveTensors();
  const kernelsBefore = gpu.pipelines.counts.done;
  let [doneBytes, totalBytes] = [0, 0];
  /** Also told between pieces of weights, which wait where kernels compile on the device's own thread. */
  const tellCompiling = (): void => {
    const { done, total } = gpu.pipelines.counts;
    const kernels = { done: done - kernelsBefore, total: total - kernelsBefore };
    onProgress?.({ stage: 'compiling', doneBytes, totalBytes, kernels });
  };
  gpu.pipelines.onCount.add(tellCompiling);
  try {
    const { model, uploader } = await planModel(gpu, checkpoint, options);
    ({ totalBytes } = uploader);
    const known = (await options.variants?.useKnown(model)) ?? true;
    // Kernels compile while the weights arrive; what goes wrong with them is thrown when they are waited for.
    const compiling = known ? (await model.planCompile())() : undefined;
    compiling?.catch(() => undefined);
    await uploader.run(bytes => {
      doneBytes = bytes;
      onProgress?.({ stage: 'uploading', doneBytes, totalBytes });
    }, signal);
    if (options.draftIds) await model.draftAmong(options.draftIds);
    doneBytes = totalBytes;
    tellCompiling();
    if (!known) await options.variants?.measure(model);
    try {
      await (compiling ?? model.compile());
      await warmUp(model);
    } catch (error) {
      if (!isDeviceMemoryLack(error)) await options.variants?.failed(model);
      throw error;
    }
    await options.variants?.proved(model);
    gpu.pipelines.onCount.delete(tellCompiling);
    model
      .compileRest()
      .catch((error: unknown) =>
        console.error(errorLine(`compiling in the background failed: ${String(error)}`)),
      );
    return model;
  } catch (error) {
    for (const tensor of gpu.buffers.liveTensors()) if (!before.has(tensor)) tensor.dispose();
    throw error;
  } finally {
    gpu.pipelines.onCount.delete(tellCompiling);
  }
}

/** The context in force, and how its keys and values are stored. Its length is the smallest of: requested, trained, what fits one binding. */
function contextPlan(
  gpu: Gpu,
  config: ModelConfig,
  { contextTokensMax: wanted, kvFormat: asked, kvPlan }: LoadModelOptions,
): { contextTokensMax: number; kvPlan: KvPlan } {
  const { headDim, kvHeadCount } = config;
  for (let tokens = Math.min(wanted || config.contextTokens, config.contextTokens); ;) {
    const plan = kvPlan ?? kvPlanFor(tokens, headDim, asked);
    const { headWords, long } = kvPageLayout(plan, headDim);
    const pages = Math.floor(gpu.tensorBytesMax / (4 * kvHeadCount * headWords));
    const fitting = long * pages;
    if (tokens <= fitting) return { contextTokensMax: tokens, kvPlan: kvPlanWithin(plan, headDim, pages) };
    // A shorter context may be kept in another format.
    tokens = fitting;
  }
}

/** More rows than single steps take, so that it is read as a batch. */
const warmUpRows = matvecRowsMax + 1;

/**
 * Reads a few tokens: compiles the pipelines of prefill and decode, and finds weights that give NaN and variants that do not run.
 * Throws badWeights, gpuError, outOfDeviceMemory, deviceLost.
 */
export async function warmUp(model: Qwen3Next): Promise<void> {
  const sequence = await model.createSequence();
  try {
    // A context of one token has no room for a batch before the step.
    const batch = Math.min(warmUpRows, model.contextTokensMax - 1);
    const ids = Array.from({ length: batch }, (_, i) => i % model.vocabularySize);
    if (batch > 0) await model.forward(sequence, ids, 'last');
    // What follows a batch: single tokens, whose pipelines are their own, and on a GPU drafts, so that no answer waits for them.
    // Where compiling is slow they are compiled in the background and nothing more comes with their first run.
    if (model.gpu.pipelines.isSlow || !sequence.hasRoom(1)) return;
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
