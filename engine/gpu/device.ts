// Opens the GPU through Dawn (npm webgpu): adapter, limits, self-test, lost and uncaptured errors.
// Must run on the main thread of a real Node (see docs/ARCHITECTURE.md); never in Electron.
import { channel } from 'node:diagnostics_channel';
import { errors, type HearthError } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';
import type { DeviceFacts } from '../protocol/lifecycle.ts';
import { checkAdapterLimits, neededLimits, storageBuffersUsedMax } from './adapter_limits.ts';
import type { DeviceTimer } from './device_timer.ts';
import type { EncodedKernel } from './encoded_kernel.ts';
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
import { Readback } from './readback.ts';
import { selfTest } from './self_test.ts';
import { DeviceWaits, patienceWith, type Patience } from './waits.ts';
import { Submissions } from './submissions.ts';
import { WorkEstimate, type DeviceRates } from './work.ts';

/** Limits a caller may lower to imitate a smaller device. */
export interface GpuLimits {
  /** Most bytes of one storage binding; larger tensors are split. */
  storageBindingBytesMax: number;
  bufferBytesMax: number;
  invocationsPerWorkgroupMax: number;
  workgroupMemoryBytesMax: number;
  /** Kernels for weights of one storage type bind no more than every device has; those for several at once bind what is there. */
  storageBuffersPerStageMax: number;
}

/** Kernels for products of batches: each lane by itself; subgroups of 8 that shuffle; blocks in workgroup memory. */
export type MatmulVariant = 'tile' | 'shuffle' | 'block';
/** Kernels for attention of batches: in the same three ways, or by teams of lanes across a head. */
export type AttentionVariant = 'prefill' | 'shuffle' | 'flash' | 'team';
/** Kernels for attention of few rows: a lane a key; subgroups of 8 that shuffle; teams of lanes across a head. */
export type FewAttentionVariant = 'split' | 'shuffle' | 'team';

/** Which of several kernels a device runs, and how: measured at the first load, where it is worth it. */
export interface TunedVariant {
  /** Products of batches with weights, experts too. */
  matmul: MatmulVariant;
  /** Attention of batches. team only counts on a device whose subgroups have a known size. */
  attention: AttentionVariant;
  /** Most quads of queries that a lane of its teams holds, and as many of sums. */
  batchHeldQuads: number;
  /** Attention of few rows. team only counts on a device whose subgroups have a known size. */
  fewAttention: FewAttentionVariant;
  /** Most quads of queries that a lane of its teams holds, and as many of sums. */
  fewHeldQuads: number;
  /** Workgroups that keep the device busy: where there are fewer rows than that, keys are split into about so many. A software device goes by its own number. */
  groupsInFlight: number;
  /** Most lanes that share a row of weights in the fused mat-vecs; a power of two. */
  teamLanes: number;
  /** They add up by subgroup operations instead of workgroup memory. */
  subgroupSums: boolean;
  /** Rows of weights that a team owns; of gate and up at least one each. */
  teamRows: 1 | 2 | 4;
  /** Most lanes of their workgroups; a power of two, no less than teamLanes. */
  matvecLanes: number;
  /** Activations are normed or gated once a workgroup, into workgroup memory, instead of by every team. */
  sharedRows: boolean;
  /** How the experts of a row are chosen: by a workgroup with memory, or by subgroup operations. */
  route: 'workgroup' | 'subgroup';
  /**
   * What the blocks of products hold. f16 only counts on a device that has it, and rounds activations and weights; i8 only for formats
   * with integer codes, and rounds activations to 16 bits; matrix: what the device's subgroup matrices multiply, where it has some.
   */
  staged: 'f32' | 'f16' | 'i8' | 'matrix';
}

/** What a user may say about the device. */
export interface DeviceChoice {
  /** "high-performance", "low-power", or a part of its name; unset or empty: the first of these. */
  adapter?: string | undefined;
  /** Bytes that all tensors together may take; unset: as many as the device has. */
  memoryBytesMax?: number | undefined;
}

export interface OpenGpuOptions extends DeviceChoice {
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
  /** Most milliseconds of work in one submission of a batch, by an estimate that then learns nothing: for tests. */
  submissionMs?: number | undefined;
}

/** What a device runs that nothing was measured on. */
export function defaultVariant(gpu: Pick<Gpu, 'software' | 'subgroupLanes'>): TunedVariant {
  const others = {
    teamLanes: 16,
    subgroupSums: false,
    teamRows: 2,
    matvecLanes: 64,
    sharedRows: false,
    route: 'workgroup',
    staged: 'f32',
    fewAttention: 'split',
    batchHeldQuads: 16,
    fewHeldQuads: 16,
    groupsInFlight: 256,
  } as const;
  if (!gpu.software) return { matmul: 'block', attention: 'flash', ...others };
  if (gpu.subgroupLanes === shuffleLanes)
    return { ...others, matmul: 'shuffle', attention: 'shuffle', fewAttention: 'shuffle' };
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
  /** How long work should take. */
  readonly estimate: WorkEstimate;
  /** What of it is under way. */
  readonly submissions: Submissions;
  /** Times the passes recorded from now on. */
  timer: DeviceTimer | undefined;
  /** Told of every kernel that is about to be submitted. */
  onKernel: ((kernel: EncodedKernel) => void) | undefined;
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
  /** It may never answer again. */
  #hangs = false;
  readonly #waits: DeviceWaits;

  constructor(
    readonly device: GPUDevice,
    readonly facts: DeviceFacts,
    readonly limits: GpuLimits,
    variant: Partial<TunedVariant>,
    {
      firstUse,
      submissionMs,
      rates,
      // Also where a software device is treated as a GPU.
      patience = patienceWith(facts.software || firstUse !== undefined),
    }: {
      firstUse?: FirstUse | undefined;
      submissionMs?: number | undefined;
      rates?: DeviceRates | undefined;
      patience?: Patience | undefined;
    } = {},
  ) {
    this.variant = { ...defaultVariant(this), ...variant };
    this.pipelines = new PipelineCache(device, firstUse);
    this.buffers = new BufferStore(
      device,
      { bufferBytesMax: limits.bufferBytesMax, bindingBytesMax: device.limits.maxStorageBufferBindingSize },
      { check: () => this.check(), idle: () => this.idle() },
    );
    this.readback = new Readback(this);
    this.estimate = new WorkEstimate(facts, { learns: !rates && submissionMs === undefined, rates });
    this.submissions = new Submissions(this, this.estimate, submissionMs);
    device.addEventListener('uncapturederror', event => {
      const { error } = event;
      // Dawn prints what nobody takes.
      event.preventDefault();
      this.#failure ??=
        /out of memory/i.test(error.message) || error.constructor.name === 'GPUOutOfMemoryError'
          ? errors.outOfDeviceMemory(error.message)
          : errors.gpuError(error.message);
    });
    const { promise, resolve } = Promise.withResolvers<HearthError>();
    this.lost = promise;
    this.#waits = new DeviceWaits(
      patience,
      () => this.pipelines.counts.done,
      failure => {
        this.#failure = failure;
        this.#hangs = true;
        resolve(failure);
      },
    );
    void device.lost.then(info => {
      if (this.#disposed || this.#hangs) return;
      const failure = errors.deviceLost(info.message || info.reason);
      this.#failure = failure;
      this.#waits.lose(failure);
      resolve(failure);
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

  /** Submits to the device's queue. All submissions go through here, so that it is known how long a wait may take. */
  submit(commands: GPUCommandBuffer): void {
    this.device.queue.submit([commands]);
    this.#waits.count();
  }

  /** Submissions so far. */
  get submitted(): number {
    return this.#waits.submitted;
  }

  /** Waits for `work` as DeviceWaits.wait() does. */
  wait<T>(work: Promise<T>, upTo?: number): Promise<T> {
    return this.#waits.wait(work, upTo);
  }

  /** Resolves when all submitted work is done. Throws what went wrong meanwhile, deviceLost also when the device hangs. */
  async idle(): Promise<void> {
    await this.wait(this.device.queue.onSubmittedWorkDone());
    this.check();
  }

  /** Frees everything. Safe twice. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.pipelines.dispose();
    this.readback.dispose();
    this.buffers.dispose();
    // Destroying waits for what runs.
    if (!this.#hangs) this.device.destroy();
  }
}

/** Opens the adapter that is asked for. Throws noAdapter, deviceSelfTestFailed or limitTooSmall. */
export async function openGpu(options: OpenGpuOptions = {}): Promise<Gpu> {
  const mode = options.dawn ?? dawnModeInForce();
  const find = () => findAdapter({ mode }, options.adapter);
  const found = await find();
  if (!found) throw errors.noAdapter();
  const { adapter, backend } = found;
  const have = adapter.limits as GPUSupportedLimits & { maxImmediateSize?: number };
  checkAdapterLimits(have);
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
    storageBuffersPerStageMax: Math.min(
      options.limits?.storageBuffersPerStageMax ?? Infinity,
      have.maxStorageBuffersPerShaderStage,
      storageBuffersUsedMax,
    ),
  };
  const features = optionalFeatures.filter(
    feature => adapter.features.has(feature) && !options.without?.includes(feature),
  );
  let unused: GPUAdapter | undefined = adapter;
  const requestDevice = async (requiredFeatures: readonly GPUFeatureName[]): Promise<GPUDevice> => {
    // A request that was refused may have used its adapter up.
    const asked = unused ?? (await find())?.adapter;
    unused = undefined;
    if (!asked) throw new Error('it is not there any more');
    return asked.requestDevice({
      label: 'hearth',
      requiredFeatures,
      requiredLimits: {
        maxStorageBufferBindingSize: have.maxStorageBufferBindingSize,
        maxBufferSize: have.maxBufferSize,
        ...neededLimits,
        maxStorageBuffersPerShaderStage: limits.storageBuffersPerStageMax,
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
  const firstUse = /llvmpipe/i.test(`${info.device} ${info.description}`)
    ? new FirstUse(device, {
        openDevice: () => requestDevice(features.filter(feature => device.features.has(feature))),
        furtherDevices: compilersInForce() - 1,
      })
    : undefined;
  const gpu = new Gpu(device, facts, limits, options.variant ?? {}, {
    firstUse,
    submissionMs: options.submissionMs,
  });
  gpu.buffers.bytesMax = options.memoryBytesMax ?? Infinity;
  gpu.buffers.memory.limit = options.memoryBytesMax;
  gpu.emulateSubgroups = options.emulateSubgroups ?? false;
  gpu.matrix = options.emulateMatrix ?? matrixOf(gpu, info);
  gpu.emulateMatrix = options.emulateMatrix !== undefined;
  gpu.rolledLoops = options.rolledLoops ?? false;
  try {
    await selfTest(gpu);
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
