// What every kernel needs of an adapter, whatever the model. Pure.
import { errors } from '../protocol/errors.ts';

/**
 * Asked of the device: kernels are written to it. All but the immediates every WebGPU device has. More is asked of the storage buffers
 * alone, where they are there (GpuLimits).
 */
export const neededLimits = {
  maxImmediateSize: 64,
  maxStorageBuffersPerShaderStage: 8,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupSizeX: 256,
  maxComputeWorkgroupStorageSize: 16_384,
  maxComputeWorkgroupsPerDimension: 65_535,
} as const;

/** Storage buffers of one kernel that are of use: weights of three storage types with three planes each, and what they multiply. */
export const storageBuffersUsedMax = 13;

/** Throws limitTooSmall with the first limit that is below what is needed; one that is missing counts as 0. */
export function checkAdapterLimits(have: { readonly [Name in keyof typeof neededLimits]?: number }): void {
  for (const [name, need] of Object.entries(neededLimits)) {
    const found = have[name as keyof typeof neededLimits] ?? 0;
    if (found < need) throw errors.limitTooSmall(name, found, need);
  }
}
