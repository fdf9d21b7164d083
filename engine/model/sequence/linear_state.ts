// The state of one DeltaNet layer: an f32 matrix a head, and a ring of raw projections. The matrices may lag behind the position of
// the sequence: rows that could still be taken back wait in the ring (lazy commit). Where steps run ahead with drafts, the state before
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
  /** The raw outputs of in_proj at the last ringRows positions, position p in row p mod ringRows. */
  ring: GpuTensor;
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
    ring: gpu.buffers.create(`state ${layer} ring`, [ringRows(config), mixer.in_proj.width]),
    recurrent: matrices('recurrent'),
    other: drafts ? matrices('other') : undefined,
  };
}

/** Every tensor of a state. */
export function linearTensors({ ring, recurrent, other }: LinearState): GpuTensor[] {
  return [ring, recurrent, ...(other ? [other] : [])];
}

/** After a commit to the other tensor, or to go back to before it. */
export function swapStates(state: LinearState): void {
  if (state.other) [state.recurrent, state.other] = [state.other, state.recurrent];
}

/** What a snapshot keeps of layer `layer`: the matrices, and of the ring the rows that the next convolution reads. */
export function linearParts(
  { convKernel, linearKeyDim, linearValueHeads, linearValueDim }: ModelConfig,
  { in_proj }: LinearMixerWeights,
  layer: number,
): SnapshotPart[] {
  return [
    { name: `layer ${layer} recurrent`, shape: [linearValueHeads, linearKeyDim, linearValueDim] },
    { name: `layer ${layer} tail`, shape: [convKernel - 1, in_proj.width] },
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
    {
      tensor: state.ring,
      rowBytes: (state.ring.shape[1] as number) * 4,
      rows: Array.from({ length: tailRows }, (_, j) => (position - tailRows + j) & mask),
    },
  ];
}
