// A Gpu that computes nothing: what a model would do on a device can be counted where neither the device nor the memory for the model is
// there. Buffers are sizes, kernels are names, and whatever is read back is zero.
import type { DeviceFacts } from '../protocol/lifecycle.ts';
import { neededLimits } from './adapter_limits.ts';
import { installConstants } from './dawn.ts';
import { Gpu, type GpuLimits, type TunedVariant } from './device.ts';
import type { DeviceRates } from './work.ts';

/** What programs are chosen by. */
export interface DeviceTraits {
  /** Lanes of its subgroups; 0: it has none. */
  subgroupLanes: number;
  storageBindingBytesMax: number;
  bufferBytesMax: number;
  storageBuffersPerStageMax: number;
  variant: Partial<TunedVariant>;
}

/** What is counted for. */
interface CountingOptions {
  software: boolean;
  traits: DeviceTraits;
  rates: DeviceRates;
}

/** What the programs of a real device are chosen by. */
export function traitsOf({ subgroupLanes, limits, variant }: Gpu): DeviceTraits {
  const { storageBindingBytesMax, bufferBytesMax, storageBuffersPerStageMax } = limits;
  return {
    subgroupLanes,
    storageBindingBytesMax,
    bufferBytesMax,
    storageBuffersPerStageMax,
    variant: { ...variant },
  };
}

/** Opens one. software: a processor in the GPU's place; rates: how fast the device is, by which batches are cut. Nothing needs to be there. */
export function countingGpu({ software, traits, rates }: CountingOptions): Gpu {
  installConstants();
  const { subgroupLanes, variant, ...sizes } = traits;
  const features = subgroupLanes > 0 ? ['subgroups'] : [];
  const facts: DeviceFacts = {
    name: 'counting',
    driver: 'none',
    vendor: '',
    architecture: '',
    backend: '',
    software,
    features,
    limits: {
      maxBufferSize: sizes.bufferBytesMax,
      maxStorageBufferBindingSize: sizes.storageBindingBytesMax,
      subgroupMinSize: subgroupLanes,
      subgroupMaxSize: subgroupLanes,
    },
  };
  const limits: GpuLimits = {
    ...sizes,
    invocationsPerWorkgroupMax: neededLimits.maxComputeInvocationsPerWorkgroup,
    workgroupMemoryBytesMax: neededLimits.maxComputeWorkgroupStorageSize,
  };
  return new Gpu(countingDevice(features, sizes.storageBindingBytesMax), facts, limits, variant, { rates });
}

/** The part of a GPUDevice that the engine uses. */
function countingDevice(features: readonly string[], bindingBytesMax: number): GPUDevice {
  const nothing = (): void => undefined;
  const done = (): Promise<void> => Promise.resolve();
  const pass = {
    setPipeline: nothing,
    setBindGroup: nothing,
    setImmediates: nothing,
    dispatchWorkgroups: nothing,
    dispatchWorkgroupsIndirect: nothing,
    end: nothing,
  };
  const encoder = {
    beginComputePass: () => pass,
    copyBufferToBuffer: nothing,
    clearBuffer: nothing,
    finish: () => ({}),
  };
  const device = {
    features: new Set(features),
    limits: { maxStorageBufferBindingSize: bindingBytesMax },
    lost: new Promise<never>(nothing),
    queue: { submit: nothing, writeBuffer: nothing, onSubmittedWorkDone: done },
    addEventListener: nothing,
    pushErrorScope: nothing,
    popErrorScope: () => Promise.resolve(null),
    createBuffer: ({ size }: GPUBufferDescriptor) => ({
      size,
      mapAsync: done,
      getMappedRange: (_offset: number, bytes: number) => new ArrayBuffer(bytes),
      unmap: nothing,
      destroy: nothing,
    }),
    createShaderModule: () => ({}),
    createBindGroupLayout: () => ({}),
    createPipelineLayout: () => ({}),
    createComputePipelineAsync: () => Promise.resolve({}),
    createBindGroup: () => ({}),
    createCommandEncoder: () => encoder,
    destroy: nothing,
  };
  return device as unknown as GPUDevice;
}
