// What all kernels share: how many lanes a workgroup has on this device, and views into activation buffers.
import { shuffleLanes, type Gpu } from '../gpu/device.ts';
import { groupsPerDimensionMax } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';

/** Lanes of one workgroup: a software device runs 8 lanes wide and pays for every barrier, a GPU wants at least one full wave. */
export function laneCount(gpu: Gpu): number {
  return gpu.software ? 8 : Math.min(64, gpu.limits.invocationsPerWorkgroupMax);
}

/** True on a software device whose subgroups all have exactly 8 lanes (lavapipe). */
export function hasShuffle(gpu: Gpu): boolean {
  return gpu.software && gpu.subgroupLanes === shuffleLanes;
}

/** Preamble line: unroll loops over private arrays, or keep them rolled (a software device compiles those for seconds otherwise). */
export function unroll(gpu: Gpu): string {
  return `const UNROLL = ${!gpu.software && !gpu.rolledLoops};\n`;
}

/** Workgroups for `count` work items. */
export function groupCount(count: number, perGroup: number): number {
  return Math.ceil(count / perGroup);
}

/** `count` workgroups in x and `y` in y; what is too much for x goes on in z, where the kernel counts groupsPerDimensionMax for each. */
export function foldedGroups(count: number, y: number): [number, number, number] {
  return [Math.min(count, groupsPerDimensionMax), y, groupCount(count, groupsPerDimensionMax)];
}

/** Rows inside an activation buffer: row t starts at element offset + t * stride. */
export interface RowView {
  tensor: GpuTensor;
  offset: number;
  stride: number;
}

/** All columns of a packed [T, width] tensor, or a slice of them from `offset`. */
export function rows(tensor: GpuTensor, stride: number, offset = 0): RowView {
  return { tensor, offset, stride };
}
