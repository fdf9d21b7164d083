// Opens GPU and model for one command and frees them afterwards, whatever happens.
import { openCheckpoint } from '../checkpoint/open_checkpoint.ts';
import { openGpu, type Gpu } from '../gpu/device.ts';
import type { LoadModelParams } from '../protocol/lifecycle.ts';
import { keptVariants } from '../tuning/variants.ts';
import { loadModel, type LoadedModel, type LoadModelOptions } from '../model/load.ts';

/** Opens the GPU, runs `use`, frees it. */
export async function withGpu<T>(use: (gpu: Gpu) => Promise<T>): Promise<T> {
  const gpu = await openGpu();
  try {
    return await use(gpu);
  } finally {
    gpu.dispose();
  }
}

/** How the command line says a model is to be loaded. */
export type ModelLoading = Omit<LoadModelParams, 'path'>;

/** Opens GPU and model, runs `use`, frees both. `loadMs`: opening the file to first batch. */
export async function withModel<T>(
  path: string,
  use: (model: LoadedModel, loadMs: number) => Promise<T>,
  options: LoadModelOptions = {},
): Promise<T> {
  return withGpu(async gpu => {
    const started = performance.now();
    const checkpoint = await openCheckpoint(path);
    try {
      const model = await loadModel(gpu, checkpoint, { variants: keptVariants(), ...options });
      return await use(model, performance.now() - started);
    } finally {
      await checkpoint.close();
    }
  });
}
