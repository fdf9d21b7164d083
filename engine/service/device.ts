// What the host needs of a device, and the real one: the GPU with the models of this family.
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { SelfCheck } from '../check/self_check.ts';
import { openGpu, type DeviceChoice, type Gpu } from '../gpu/device.ts';
import { probeDevice } from '../gpu/probe.ts';
import { loadModel } from '../model/load.ts';
import type { HearthError } from '../protocol/errors.ts';
import type {
  DeviceFacts,
  DeviceProbe,
  KernelProgress,
  LoadModelParams,
  LoadProgress,
} from '../protocol/lifecycle.ts';
import type { Phrase } from '../protocol/phrase.ts';
import { keepVariant, keptVariants } from '../tuning/variants.ts';
import type { ServedModel } from './loaded.ts';

export interface DeviceLoadOptions extends Omit<LoadModelParams, 'path'> {
  /** Drafts in every step, where the model has an MTP block; unset: as many as pay. */
  drafts?: number | undefined;
  /** Drafts are chosen among these ids, where there is memory for it; unset: among all. */
  draftIds?: Uint32Array<ArrayBuffer> | undefined;
  onProgress(progress: LoadProgress): void;
  signal: AbortSignal;
}

export interface EngineDevice {
  readonly facts: DeviceFacts;
  /** Resolves when the device is lost. */
  readonly lost: Promise<HearthError>;
  /** Kernels compiled so far, of all that were asked for. */
  readonly kernels: KernelProgress;
  /** Called whenever `kernels` change. */
  readonly onKernels: Set<() => void>;
  /** Until the function that is returned is called, nothing is compiled that nobody waits for. */
  holdKernels(): () => void;
  /** What it computes wrongly, as far as was found out; undefined: nothing. */
  readonly fault?: Phrase | undefined;
  /** Measures what a model may take of it. Nothing else may run meanwhile. */
  probe(): Promise<DeviceProbe>;
  /** Throws what loadModel() throws. */
  load(checkpoint: Checkpoint, options: DeviceLoadOptions): Promise<ServedModel>;
  dispose(): void;
}

/** Opens the GPU that is asked for. Throws noAdapter, deviceSelfTestFailed, limitTooSmall. */
export async function openGpuDevice(choice: DeviceChoice = {}): Promise<EngineDevice> {
  return deviceOf(await openGpu(choice));
}

/**
 * The engine's view of an open GPU, which it takes over. A software device is not checked: it has a fixed choice of variants, with
 * which the engine is tested, and compiles too long.
 */
export function deviceOf(
  gpu: Gpu,
  selfCheck: SelfCheck | undefined = gpu.software ? undefined : new SelfCheck(gpu),
): EngineDevice {
  const variants = keptVariants();
  return {
    facts: gpu.facts,
    lost: gpu.lost,
    get kernels() {
      return gpu.pipelines.counts;
    },
    onKernels: gpu.pipelines.onCount,
    holdKernels: () => gpu.pipelines.holdLater(),
    async probe() {
      const found = await probeDevice(gpu);
      const { memory } = gpu.buffers;
      // A software device shares the host's memory, of which nobody knows how much is whose.
      if (found.allocatableBytes !== undefined && !found.allocatableIsLowerBound && !gpu.software)
        memory.limit = Math.max(found.allocatableBytes, memory.total);
      return found;
    },
    get fault() {
      return selfCheck?.fault;
    },
    async load(checkpoint, { drafts, ...options }) {
      await selfCheck?.programs(options.signal);
      return loadModel(gpu, checkpoint, {
        ...options,
        mtp: drafts === undefined ? !gpu.software && 'where it fits' : drafts > 0,
        variants: selfCheck?.checked(variants, keepVariant) ?? variants,
      });
    },
    dispose: () => gpu.dispose(),
  };
}
