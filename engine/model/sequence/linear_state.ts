// The state of one DeltaNet layer: an f32 matrix a head, and rings of raw projections. The matrices may lag behind the position of
// the sequence: rows that could still be taken back wait in the rings (lazy commit). Where steps run ahead with drafts, the state before
// the last commit is kept as well: the device commits what it finds right before the host has agreed.
import type { Gpu } from '../../gpu/device.ts';
import type { GpuTensor } from '../../gpu/tensor.ts';
import { hasShuffle } from '../../kernels/launch.ts';
import { ringRows } from '../../shared/architecture/footprint.ts';
import type { ModelConfig } from '../config/config_types.ts';
import type { LinearMixerWeights } from '../weights/weights.ts';
import type { SnapshotPart, SnapshotPlace } from './snapshot.ts';

export interface LinearState {
  kind: 'linear';
  /** The raw outputs of in_proj at the last ringRows positions, position p in row p mod ringRows: one ring per matrix. */
  rings: GpuTensor[];
  /** [1, Hv, Dk, Dv], as it was after the committed positions; twice with a work area (see gated_delta_decode). */
  recurrent: GpuTensor;
  /** The same before the last commit of few rows, where that is kept; the next one goes there. */
  other: GpuTensor | undefined;
}

/** The state of layer `layer` before the first token. `drafts`: its sequence may read drafts. */
export function createLinearState(
  gpu: Gpu,
  config: ModelConfig,
  mixer: LinearMixerWeights,
  { layer, drafts }: { layer: number; drafts: boolean },
): LinearState {
  const { linearKeyDim, linearValueHeads, linearValueDim } = config;
  const copies = hasShuffle(gpu) && drafts ? 2 : 1;
  const matrices = (label: string): GpuTensor =>
    gpu.buffers.create(`state ${layer} ${label}`, [copies, linearValueHeads, linearKeyDim, linearValueDim]);
  return {
    kind: 'linear',
    rings: mixer.in_proj.matrices.map((_, n) =>
      gpu.buffers.create(`state ${layer} ring ${n}`, [ringRows(config), mixer.in_proj.stride(n)]),
    ),
    recurrent: matrices('recurrent'),
    other: drafts ? matrices('other') : undefined,
  };
}

/** Every tensor of a state. */
export function linearTensors({ rings, recurrent, other }: LinearState): GpuTensor[] {
  return [...rings, recurrent, ...(other ? [other] : [])];
}

/** After a commit to the other tensor, or to go back to before it. */
export function swapStates(state: LinearState): void {
  if (state.other) [state.recurrent, state.other] = [state.other, state.recurrent];
}

/** What a snapshot keeps of layer `layer`: the matrices, and of each ring the rows that the next convolution reads. */
export function linearParts(
  { convKernel, linearKeyDim, linearValueHeads, linearValueDim }: ModelConfig,
  { in_proj }: LinearMixerWeights,
  layer: number,
): SnapshotPart[] {
  return [
    { name: `layer ${layer} recurrent`, shape: [linearValueHeads, linearKeyDim, linearValueDim] },
    ...in_proj.matrices.map((_, n) => ({
      name: `layer ${layer} tail ${n}`,
      shape: [convKernel - 1, in_proj.stride(n)],
    })),
  ];
}

/** Where the parts that linearParts() names lie in a state at position `position` with nothing waiting. */
export function linearPlaces(state: LinearState, config: ModelConfig, position: number): SnapshotPlace[] {
  const { linearKeyDim, linearValueHeads, linearValueDim } = config;
  const tailRows = config.convKernel - 1;
  const mask = ringRows(config) - 1;
  return [
    {
      tensor: state.recurrent,
      rowBytes: linearValueHeads * linearKeyDim * linearValueDim * 4,
      rows: [0],
    },
    ...state.rings.map(ring => ({
      tensor: ring,
      rowBytes: (ring.shape[1] as number) * 4,
      rows: Array.from({ length: tailRows }, (_, j) => (position - tailRows + j) & mask),
    })),
  ];
}
