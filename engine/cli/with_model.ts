// Opens GPU and model for one command and frees them afterwards, whatever happens.
import { openCheckpoint } from '../checkpoint/open_checkpoint.ts';
import { openGpu, type DeviceChoice, type Gpu } from '../gpu/device.ts';
import type { LoadModelParams } from '../protocol/lifecycle.ts';
import { keptVariants } from '../tuning/variants.ts';
import { loadModel, type LoadedModel, type LoadModelOptions } from '../model/load.ts';

/** Opens the GPU that is asked for, runs `use`, frees it. */
export async function withGpu<T>(
  choice: DeviceChoice | undefined,
  use: (gpu: Gpu) => Promise<T>,
): Promise<T> {
  const gpu = await openGpu(choice);
  try {
    return await use(gpu);
  } finally {
    gpu.dispose();
  }
}

/** How the command line says a model is to be loaded, and onto which device. */
export interface ModelLoading extends Omit<LoadModelParams, 'path'> {
  device?: DeviceChoice;
}

/** Opens GPU and model, runs `use`, frees both. `loadMs`: opening the file to first batch. */
export async function withModel<T>(
  path: string,
  use: (model: LoadedModel, loadMs: number) => Promise<T>,
  { device, ...options }: LoadModelOptions & Pick<ModelLoading, 'device'> = {},
): Promise<T> {
  return withGpu(device, async gpu => {
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
