// Activation buffers of one forward pass, made once for the most rows and used by every layer in turn.
import type { Gpu } from '../../gpu/device.ts';
import type { GpuTensor } from '../../gpu/tensor.ts';
import { splitRowsMax } from '../../kernels/decode_plan.ts';
import { candidateWords } from '../../kernels/candidates.ts';
import { chunkRows } from '../../kernels/gated_delta_chunk_scores.ts';
import { squareBlock } from '../../kernels/gated_norm_matvec.ts';
import { groupCount } from '../../kernels/launch.ts';
import { matvecRowsMax } from '../../kernels/matvec.ts';
import { launchCount, tileCountMax } from '../../kernels/moe_lists.ts';
import { sampleRowsMax } from '../../kernels/sample_rows.ts';
import { logitRowsMax } from './logits.ts';
import type { ModelConfig } from '../config/config_types.ts';
import type { Projection } from '../weights/projection.ts';
import { allLayers, type ModelWeights } from '../weights/weights.ts';

/** Positions before and after the rows that the MTP block may have to read as well. */
const ropeRowsAround = 16;
/** A window of fewer positions would be written too often where rows are few. */
const ropeRowsMin = 128;

/** B = rows. All f32 unless said. */
export interface Scratch {
  ids: GpuTensor; // u32 [B]
  rope: GpuTensor; // [R + ropeRowsAround, rotaryDim / 2, 2], a window of positions; R: B, or ropeRowsMin
  x: GpuTensor; // [B, H] residual stream
  normed: GpuTensor; // [B, H]
  projected: GpuTensor; // [B, width] outputs of the current Projection
  routed: GpuTensor; // [B, width] router and shared-gate logits: read again after the shared expert has used `projected`
  convolved: GpuTensor; // [B, channels]
  gates: GpuTensor; // [B, Hv, 2]
  mixed: GpuTensor; // [B, Hv * Dv] or [B, heads * dim]: the mixer's output before its gate; then squares of few rows
  gated: GpuTensor; // same size, after it
  q: GpuTensor; // [B, heads, dim]
  partial: GpuTensor; // [splitRowsMax, heads, dim], rows times splits
  stats: GpuTensor; // [splitRowsMax, heads, 2]
  choice: GpuTensor; // u32 [B, k + 1, 2]: expert ids and weights, the shared expert last
  denseChoice: GpuTensor; // u32 [matvecRowsMax, 1, 2]: expert 0 with weight 1, the choice of a dense MLP
  order: GpuTensor; // u32 [B * slots]
  tiles: GpuTensor; // u32 [tiles, 4]
  launches: GpuTensor; // u32 [launchCount, 3], read by dispatches
  expertHidden: GpuTensor[]; // [B * slots, 2F], or twice [B * slots, F]; slots: k, or k + 1 with the shared expert among them
  expertActive: GpuTensor; // [B * slots, F]; for few rows [rows, slots, widest F]
  expertOut: GpuTensor; // [B * slots, H]
  active: GpuTensor; // [B, dense or shared width]
  sharedOut: GpuTensor; // [B, H]
  last: GpuTensor; // [logitRowsMax, H] normed rows for the head
  /** Of the chunked delta rule, once it is used: [chunks, Hv, chunkRows, chunkRows, 2]; [B, Hv, Dv + Dk]. */
  chunked?: { scores: GpuTensor; solved: GpuTensor };
  /**
   * Of the MTP block, when it is loaded: [B, 2H] its joined input; [1 + B, H] hidden states given; [B, H] hidden states made; and for
   * rows whose place the host knows, no accepted ones (see kernels/accepted.ts).
   */
  mtp?: { joined: GpuTensor; given: GpuTensor; made: GpuTensor; noneAccepted: GpuTensor };
  logits: GpuTensor; // [logitRowsMax, V]
  candidates: GpuTensor; // u32 [sampleRowsMax, words], what a draw looks at
}

/** What sets of activations have in common: nothing is left in it when another set is used. */
export type SharedScratch = Pick<Scratch, 'denseChoice' | 'last' | 'logits' | 'candidates'>;

/** Makes the buffers for up to `batch` rows. */
export function createScratch(
  gpu: Gpu,
  config: ModelConfig,
  weights: ModelWeights,
  batch: number,
  shared: SharedScratch,
): Scratch {
  const make = (label: string, shape: number[], element: 'f32' | 'u32' = 'f32') =>
    gpu.buffers.create(
      label,
      shape.map(n => Math.max(n, 1)),
      element,
    );
  const {
    hiddenSize: H,
    headCount,
    headDim,
    linearKeyHeads,
    linearValueHeads: nv,
    linearKeyDim: dk,
    linearValueDim: dv,
  } = config;
  const { expertCount, expertsPerToken: k, expertFf: F } = config;
  const projected = (label: string, projections: Projection[]): GpuTensor =>
    make(label, [batch, Math.max(0, ...projections.map(({ width }) => width))]);
  const mixers = allLayers(weights).map(({ mixer }) => (mixer.kind === 'full' ? mixer.qkv : mixer.in_proj));
  const gateUps = allLayers(weights)
    .map(({ mlp }) => (mlp.kind === 'dense' ? mlp.gate_up : mlp.shared_expert?.gate_up))
    .filter(gateUp => gateUp !== undefined);
  const routers = allLayers(weights).flatMap(({ mlp }) => (mlp.kind === 'moe' ? [mlp.gate] : []));
  const mixedWidth = Math.max(nv * dv, headCount * headDim);
  const joined = allLayers(weights).some(({ mlp }) => mlp.kind === 'moe' && !mlp.shared_expert);
  const entries = batch * (joined ? k + 1 : k);
  const widestF = Math.max(F, config.sharedExpertFf, config.denseFf);
  const fused = allLayers(weights).some(({ mlp }) => mlp.kind === 'moe' && mlp.experts_gate_up.length === 1);
  const apart = allLayers(weights).some(({ mlp }) => mlp.kind === 'moe' && mlp.experts_gate_up.length === 2);
  const activeWidth = Math.max(config.sharedExpertFf, config.denseFf, 4);
  return {
    ids: make('ids', [batch], 'u32'),
    rope: make('rope', [Math.max(batch, ropeRowsMin) + ropeRowsAround, config.rotaryDim]),
    x: make('x', [batch, H]),
    normed: make('normed', [batch, H]),
    projected: projected('projected', [...mixers, ...gateUps]),
    routed: projected('routed', routers),
    convolved: make('convolved', [batch, 2 * linearKeyHeads * dk + nv * dv]),
    gates: make('gates', [batch, nv, 2]),
    mixed: make('mixed', [batch * mixedWidth + matvecRowsMax * nv * groupCount(dv, squareBlock)]),
    gated: make('gated', [batch, mixedWidth]),
    q: make('q', [batch, headCount, headDim]),
    partial: make('partial', [splitRowsMax, headCount, headDim]),
    stats: make('stats', [splitRowsMax, headCount, 2]),
    choice: make('choice', [batch, k + 1, 2], 'u32'),
    order: make('order', [entries], 'u32'),
    tiles: make('tiles', [Math.max(k + 1, tileCountMax(entries, expertCount + 1, 1)), 4], 'u32'),
    launches: gpu.buffers.create('launches', [launchCount, 3], 'u32', { indirect: true }),
    expertHidden: apart
      ? [make('expertHidden gate', [entries, (fused ? 2 : 1) * F]), make('expertHidden up', [entries, F])]
      : [make('expertHidden', [entries, 2 * F])],
    expertActive: make('expertActive', [Math.max(entries * F, matvecRowsMax * (k + 1) * widestF)]),
    expertOut: make('expertOut', [entries, H]),
    active: make('active', [batch, activeWidth]),
    sharedOut: make('sharedOut', [batch, H]),
    ...(weights.mtp
      ? {
          mtp: {
            joined: make('joined', [batch, 2 * H]),
            given: make('given', [batch + 1, H]),
            made: make('made', [batch, H]),
            noneAccepted: gpu.buffers.create('none accepted', [4], 'u32', { uniform: true }),
          },
        }
      : {}),
    ...shared,
  };
}

/** What the chunked delta rule needs for up to `batch` rows. */
export function createChunked(
  gpu: Gpu,
  { linearKeyDim, linearValueDim, linearValueHeads }: ModelConfig,
  batch: number,
): Scratch['chunked'] {
  const chunks = [Math.ceil(batch / chunkRows), linearValueHeads, chunkRows, chunkRows, 2];
  return {
    scores: gpu.buffers.create('scores', chunks),
    solved: gpu.buffers.create('solved', [batch, linearValueHeads, linearValueDim + linearKeyDim]),
  };
}

/** Makes what all sets of activations have in common. */
export function createSharedScratch(gpu: Gpu, config: ModelConfig): SharedScratch {
  const { hiddenSize, vocabularySize } = config;
  const { buffers } = gpu;
  return {
    denseChoice: buffers.from('dense choice', [matvecRowsMax, 1, 2], denseChoice()),
    last: buffers.create('last', [logitRowsMax, hiddenSize]),
    logits: buffers.create('logits', [logitRowsMax, vocabularySize]),
    candidates: buffers.create('candidates', [sampleRowsMax, candidateWords], 'u32'),
  };
}

function denseChoice(): Uint32Array<ArrayBuffer> {
  const one = new Uint32Array(Float32Array.of(1).buffer)[0] as number;
  return Uint32Array.from({ length: 2 * matvecRowsMax }, (_, i) => (i % 2) * one);
}

/** Where in `mixed` the sums of squares of few rows begin. */
export function squaresAt(s: Pick<Scratch, 'mixed'>, config: ModelConfig): number {
  return (
    s.mixed.length - matvecRowsMax * config.linearValueHeads * groupCount(config.linearValueDim, squareBlock)
  );
}

/** All of them, flat. */
export function scratchTensors({ mtp, chunked, ...scratch }: Scratch): GpuTensor[] {
  return [...Object.values(scratch).flat(), ...Object.values(mtp ?? {}), ...Object.values(chunked ?? {})];
}
