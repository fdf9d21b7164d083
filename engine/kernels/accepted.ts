// Positions that only the device knows. A step that is submitted while the one before runs begins where that one ends, but how many of
// its drafts are right is not known yet. The host says where the step would begin if none were; accept_drafts leaves their number in a
// tensor, and kernels add it.
import type { Word } from '../gpu/encoded_kernel.ts';
import type { GpuTensor } from '../gpu/tensor.ts';

/** Drafts of the step before that are right: on the device, as kernels bind it, and how many they may be. */
export interface Accepted {
  /** u32 [4], a uniform tensor (see BufferStore.create): the number and three words of nothing. */
  rows: GpuTensor;
  most: Word;
}

/** Behind all bindings of any kernel. */
const acceptedBinding = 63;

/** Preamble: accepted(), rows by which positions are later than a kernel's immediates say. A uniform, since eight storage bindings are all there may be. */
export function acceptedPreamble(rows: GpuTensor | undefined): string {
  return rows
    ? `@group(0) @binding(${acceptedBinding}) var<uniform> accepted_rows: vec4u;\nfn accepted() -> u32 {\n  return accepted_rows.x;\n}\n`
    : 'fn accepted() -> u32 {\n  return 0u;\n}\n';
}

/** What a kernel with this preamble binds behind its own tensors. */
export function acceptedTensors(rows: GpuTensor | undefined): GpuTensor[] {
  return rows ? [rows] : [];
}
