// Opens the GPU through Dawn (npm webgpu): adapter, limits, self-test, lost and uncaptured errors.
// Must run on the main thread of a real Node (see docs/ARCHITECTURE.md); never in Electron.
import { channel } from 'node:diagnostics_channel';
import { errors, type HearthError } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';
import type { DeviceFacts } from '../protocol/lifecycle.ts';
import { checkAdapterLimits, neededLimits } from './adapter_limits.ts';
import type { DeviceTimer } from './device_timer.ts';
import { dawnModeInForce, findAdapter, type DawnMode } from './dawn.ts';
import {
  matrixFeature,
  matrixShapeOf,
  withOrWithoutMatrices,
  type MatrixConfig,
  type MatrixShape,
} from './matrices.ts';
import { compilersInForce, FirstUse } from './first_use.ts';
import { PipelineCache } from './pipeline.ts';
import { BufferStore } from './tensor.ts';
import type { DeviceUse } from './use.ts';
import { Readback } from './readback.ts';
import { selfTest } from './self_test.ts';

/** Limits a caller may lower to imitate a smaller device. */
export interface GpuLimits {
  /** Most bytes of one storage binding; larger tensors are split. */
  storageBindingBytesMax: number;
  bufferBytesMax: number;
  invocationsPerWorkgroupMax: number;
  workgroupMemoryBytesMax: number;
}

/** Kernels for products of batches: each lane by itself; subgroups of 8 that shuffle; blocks in workgroup memory. */
export type MatmulVariant = 'tile' | 'shuffle' | 'block';
/** Kernels for attention of batches, which work in the same three ways. */
export type AttentionVariant = 'prefill' | 'shuffle' | 'flash';

/** Which of several kernels a device runs, and how: measured at the first load, where it is worth it. */
export interface TunedVariant {
  /** Products of batches with weights, experts too. */
  matmul: MatmulVariant;
  /** Attention of batches. */
  attention: AttentionVariant;
  /** Most lanes that share a row of weights in the fused mat-vecs; a power of two. */
  teamLanes: number;
  /** They add up by subgroup operations instead of workgroup memory. */
  subgroupSums: boolean;
  /**
   * What the blocks of products hold. f16 only counts on a device that has it, and rounds activations and weights; i8 only for formats
   * with integer codes, and rounds activations to 16 bits; matrix: what the device's subgroup matrices multiply, where it has some.
   */
  staged: 'f32' | 'f16' | 'i8' | 'matrix';
}

export interface OpenGpuOptions {
  limits?: Partial<GpuLimits>;
  /** Treat the device as a software one, or as a GPU, whatever it says: for tests of both variants. */
  software?: boolean;
  variant?: Partial<TunedVariant>;
  /** Features that are not used though they are there: imitates a device without them. */
  without?: readonly GPUFeatureName[];
  /** Sums of subgroups go through workgroup memory, in the order a subgroup of 64 lanes would take. */
  emulateSubgroups?: boolean;
  /** Subgroup matrices of this shape, computed by ordinary operations. */
  emulateMatrix?: MatrixShape;
  /** The variants for GPUs keep their loops rolled too: a software device compiles those in less time. */
  rolledLoops?: boolean;
  /** How Dawn is set up; unset: as the environment says. */
  dawn?: DawnMode;
}

/** What a device runs that nothing was measured on. */
export function defaultVariant(gpu: Pick<Gpu, 'software' | 'subgroupLanes'>): TunedVariant {
  const others = { teamLanes: 16, subgroupSums: false, staged: 'f32' } as const;
  if (!gpu.software) return { matmul: 'block', attention: 'flash', ...others };
  if (gpu.subgroupLanes === shuffleLanes) return { matmul: 'shuffle', attention: 'shuffle', ...others };
  return { matmul: 'tile', attention: 'prefill', ...others };
}

/** Told of every device that was opened: { name, driver, software, matrices }. The end of a test run says where it ran. */
const opened = channel('hearth:device');

/** Used when there, not needed. */
const optionalFeatures: GPUFeatureName[] = ['subgroups', 'shader-f16', 'timestamp-query', matrixFeature];
/** Subgroup size the *_shuffle kernels are written for. */
export const shuffleLanes = 8;

/** The opened device and everything that lives as long as it does. */
export class Gpu {
  readonly pipelines: PipelineCache;
  readonly buffers: BufferStore;
  readonly readback: Readback;
  readonly use: DeviceUse = { submissions: 0, waits: 0, idleWaits: 0 };
  /** Times the passes recorded from now on. */
  timer: DeviceTimer | undefined;
  /** What kernels recorded from now on run as. */
  variant: TunedVariant;
  /** For tests: see OpenGpuOptions. */
  emulateSubgroups = false;
  /** What its subgroup matrices multiply; undefined where it has none that are of use. */
  matrix: MatrixShape | undefined;
  /** For tests: see OpenGpuOptions. */
  emulateMatrix = false;
  /** For tests: see OpenGpuOptions. */
  rolledLoops = false;
  /** Resolves when the device is lost without dispose() being called. */
  readonly lost: Promise<HearthError>;
  #failure: HearthError | undefined;
  #disposed = false;

  constructor(
    readonly device: GPUDevice,
    readonly facts: DeviceFacts,
    readonly limits: GpuLimits,
    variant: Partial<TunedVariant>,
    firstUse?: FirstUse,
  ) {
    this.variant = { ...defaultVariant(this), ...variant };
    this.pipelines = new PipelineCache(device, firstUse);
    this.buffers = new BufferStore(
      device,
      { bufferBytesMax: limits.bufferBytesMax, bindingBytesMax: device.limits.maxStorageBufferBindingSize },
      () => this.check(),
    );
    this.readback = new Readback(this);
    device.addEventListener('uncapturederror', event => {
      const { error } = event;
      this.#failure ??=
        /out of memory/i.test(error.message) || error.constructor.name === 'GPUOutOfMemoryError'
          ? errors.outOfDeviceMemory(error.message)
          : errors.gpuError(error.message);
    });
    this.lost = new Promise(resolve => {
      void device.lost.then(info => {
        if (this.#disposed) return;
        const failure = errors.deviceLost(info.message || info.reason);
        this.#failure = failure;
        resolve(failure);
      });
    });
  }

  /** True for a CPU implementation (lavapipe, SwiftShader, WARP): small workgroups, no barriers. */
  get software(): boolean {
    return this.facts.software;
  }

  /** Lanes of every subgroup, or 0 when they vary or the device has none. */
  get subgroupLanes(): number {
    const { subgroupMinSize = 0, subgroupMaxSize = -1 } = this.facts.limits;
    return this.device.features.has('subgroups') && subgroupMinSize === subgroupMaxSize ? subgroupMinSize : 0;
  }

  /** Kernels may compute in halves. */
  get hasF16(): boolean {
    return this.device.features.has('shader-f16');
  }

  /** Bytes of the largest tensor, which is bound as a whole; weights are split by limits.storageBindingBytesMax. */
  get tensorBytesMax(): number {
    return Math.min(this.limits.bufferBytesMax, this.device.limits.maxStorageBufferBindingSize);
  }

  /** Throws the first GPU error since the last check; a lost device throws for ever. */
  check(): void {
    const failure = this.#failure;
    if (!failure) return;
    if (failure.code !== 'deviceLost') this.#failure = undefined;
    throw failure;
  }

  /** Resolves when all submitted work is done. Throws what went wrong meanwhile. */
  async idle(): Promise<void> {
    await this.device.queue.onSubmittedWorkDone();
    this.check();
  }

  /** Frees everything. Safe twice. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.pipelines.dispose();
    this.readback.dispose();
    this.buffers.dispose();
    this.device.destroy();
  }
}

/** Opens the first adapter. Throws noAdapter, deviceSelfTestFailed or limitTooSmall. */
export async function openGpu(options: OpenGpuOptions = {}): Promise<Gpu> {
  const mode = options.dawn ?? dawnModeInForce();
  const found = await findAdapter(mode);
  if (!found) throw errors.noAdapter();
  const { adapter, backend } = found;
  const have = adapter.limits as GPUSupportedLimits & { maxImmediateSize?: number };
  checkAdapterLimits(have);
  const features = optionalFeatures.filter(
    feature => adapter.features.has(feature) && !options.without?.includes(feature),
  );
  let unused: GPUAdapter | undefined = adapter;
  const requestDevice = async (requiredFeatures: readonly GPUFeatureName[]): Promise<GPUDevice> => {
    // A request that was refused may have used its adapter up.
    const asked = unused ?? (await findAdapter(mode))?.adapter;
    unused = undefined;
    if (!asked) throw new Error('it is not there any more');
    return asked.requestDevice({
      label: 'hearth',
      requiredFeatures,
      requiredLimits: {
        maxStorageBufferBindingSize: have.maxStorageBufferBindingSize,
        maxBufferSize: have.maxBufferSize,
        ...neededLimits,
      },
    });
  };
  const device = await withOrWithoutMatrices(features, requestDevice).catch((cause: unknown) => {
    throw errors.noAdapter(phrase`the adapter gave no device: ${String(cause)}`);
  });
  const { info } = adapter;
  const software =
    info.isFallbackAdapter ||
    /llvmpipe|swiftshader|software|basic render/i.test(
      `${info.architecture} ${info.device} ${info.description}`,
    );
  const facts: DeviceFacts = {
    // What Dawn calls the description is the driver's, which names a software device best.
    name: (software ? info.description : info.device) || info.description || 'unknown GPU',
    driver: info.description,
    vendor: info.vendor,
    architecture: info.architecture,
    backend,
    software: options.software ?? software,
    features: [...adapter.features].sort(),
    limits: {
      maxBufferSize: have.maxBufferSize,
      maxStorageBufferBindingSize: have.maxStorageBufferBindingSize,
      maxComputeWorkgroupStorageSize: have.maxComputeWorkgroupStorageSize,
      maxComputeInvocationsPerWorkgroup: have.maxComputeInvocationsPerWorkgroup,
      maxImmediateSize: have.maxImmediateSize ?? 0,
      subgroupMinSize: info.subgroupMinSize ?? 0,
      subgroupMaxSize: info.subgroupMaxSize ?? 0,
    },
  };
  if (/null/i.test(facts.architecture))
    throw errors.noAdapter(phrase`only the Null backend, which runs nothing, is there`);
  const limits: GpuLimits = {
    storageBindingBytesMax: Math.min(
      options.limits?.storageBindingBytesMax ?? Infinity,
      have.maxStorageBufferBindingSize,
    ),
    bufferBytesMax: Math.min(options.limits?.bufferBytesMax ?? Infinity, have.maxBufferSize),
    invocationsPerWorkgroupMax: Math.min(
      options.limits?.invocationsPerWorkgroupMax ?? Infinity,
      neededLimits.maxComputeInvocationsPerWorkgroup,
    ),
    workgroupMemoryBytesMax: Math.min(
      options.limits?.workgroupMemoryBytesMax ?? Infinity,
      neededLimits.maxComputeWorkgroupStorageSize,
    ),
  };
  const firstUse = /llvmpipe/i.test(`${info.device} ${info.description}`)
    ? new FirstUse(device, {
        openDevice: () => requestDevice(features.filter(feature => device.features.has(feature))),
        furtherDevices: compilersInForce() - 1,
      })
    : undefined;
  const gpu = new Gpu(device, facts, limits, options.variant ?? {}, firstUse);
  gpu.emulateSubgroups = options.emulateSubgroups ?? false;
  gpu.matrix = options.emulateMatrix ?? matrixOf(gpu, info);
  gpu.emulateMatrix = options.emulateMatrix !== undefined;
  gpu.rolledLoops = options.rolledLoops ?? false;
  try {
    await selfTest(device);
  } catch (cause) {
    gpu.dispose();
    throw cause;
  }
  opened.publish({
    name: facts.name,
    driver: facts.driver,
    software,
    matrices: matrixOf(gpu, info) !== undefined,
  });
  return gpu;
}

function matrixOf(
  { device, hasF16, facts, limits }: Gpu,
  info: GPUAdapterInfo & { subgroupMatrixConfigs?: Iterable<MatrixConfig> },
): MatrixShape | undefined {
  if (!device.features.has(matrixFeature) || !device.features.has('subgroups')) return undefined;
  return matrixShapeOf([...(info.subgroupMatrixConfigs ?? [])], {
    hasF16,
    subgroupMaxSize: facts.limits.subgroupMaxSize ?? 0,
    lanesMax: limits.invocationsPerWorkgroupMax,
  });
}
