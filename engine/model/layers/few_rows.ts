// The layer for few rows, as decoding and verifying drafts run it: every step is fused into the matrix product before or after it.
// A DeltaNet layer takes 7 kernels, an attention layer 9 (docs/PERFORMANCE.md), each more where a file mixes storage types.
import { addWords, mapWord, type CommandList, type Word } from '../../gpu/dispatch.ts';
import type { Accepted } from '../../kernels/accepted.ts';
import { addMatvec } from '../../kernels/add_matvec.ts';
import { attentionDecode } from '../../kernels/attention_decode.ts';
import { attentionDecodeShuffle } from '../../kernels/attention_decode_shuffle.ts';
import { attentionMerge } from '../../kernels/attention_merge.ts';
import { splitPlan } from '../../kernels/decode_plan.ts';
import { expertDown } from '../../kernels/expert_down.ts';
import { expertGateUp, type ExpertSlots } from '../../kernels/expert_gate_up.ts';
import { gatedDeltaDecode } from '../../kernels/gated_delta_decode.ts';
import { gatedNormMatvec } from '../../kernels/gated_norm_matvec.ts';
import { hasShuffle, rows } from '../../kernels/launch.ts';
import type { WeightMatrix } from '../../kernels/weight_matrix.ts';
import { errors } from '../../protocol/errors.ts';
import type { ModelConfig } from '../config/config_types.ts';
import { squaresAt, type Scratch } from '../sequence/scratch.ts';
import { attentionInputs, type AttentionInputScratch } from './attention_inputs.ts';
import { route, type RouteScratch } from './sparse_moe.ts';
import type { FullState } from '../sequence/kv_caches.ts';
import { ringRows } from '../../shared/architecture/footprint.ts';
import type { LinearState } from '../sequence/linear_state.ts';
import type { LayerState } from '../sequence/sequence.ts';
import type { DenseWeights, FullMixerWeights, LayerWeights, LinearMixerWeights } from '../weights/weights.ts';

/** The rows of one step: `count` new ones from position `start`, after `pending` whose delta state waits for its commit. */
export interface FewRows {
  count: number;
  start: Word;
  pending: Word;
  /** Position of the first pending row: start - pending. */
  position: Word;
  /** Rows from `position` on that are in the delta state afterwards. */
  commit: Word;
  /** Row of position `start` in the rope window. */
  ropeRow: Word;
  /** By so many rows more, `start`, `pending`, `commit` and `ropeRow` are later than they say. */
  accepted?: Accepted | undefined;
}

/** What a DeltaNet layer of few rows reads and writes besides weights and state: adds to x. */
type FewRowsDeltaScratch = Pick<Scratch, 'x' | 'mixed'>;
/** The same of an attention layer. */
type FewRowsAttentionScratch = AttentionInputScratch & Pick<Scratch, 'x' | 'partial' | 'stats' | 'gated'>;
/** The same of a feed-forward part. */
type FewRowsFeedForwardScratch = RouteScratch & Pick<Scratch, 'x' | 'denseChoice' | 'expertActive'>;

/** x += mixer(norm(x)) for few rows. The layer's state moves on to what is committed; raw projections go to its rings. */
export function fewRowsMixer(
  list: CommandList,
  config: ModelConfig,
  { mixer, input_layernorm: gain }: LayerWeights,
  state: LayerState,
  s: FewRowsDeltaScratch & FewRowsAttentionScratch,
  step: FewRows,
): void {
  if (mixer.kind === 'linear' && state.kind === 'linear')
    linear(list, config, mixer, state, s, { ...step, gain });
  else if (mixer.kind === 'full' && state.kind === 'full')
    full(list, config, mixer, state, s, { ...step, gain });
  else throw errors.internal('a layer and its state are of different kinds');
}

type Normed = FewRows & { gain: LayerWeights['input_layernorm'] };

function linear(
  list: CommandList,
  config: ModelConfig,
  w: LinearMixerWeights,
  { rings, recurrent, other }: LinearState,
  s: FewRowsDeltaScratch,
  { gain, count, start, position, pending, commit, accepted }: Normed,
): void {
  const { hiddenSize: H, rmsEps: eps, convKernel: kernel } = config;
  const {
    linearKeyHeads: keyHeads,
    linearValueHeads: valueHeads,
    linearKeyDim: keyDim,
    linearValueDim: valueDim,
  } = config;
  const ring = { row: start, mask: ringRows(config) - 1, accepted: accepted?.rows };
  const view = (name: string) => w.in_proj.view(name, rings);
  if (count > 0) w.in_proj.runNormed(list, { x: rows(s.x, H), gain }, rings, { count, eps, ring });
  gatedDeltaDecode(
    list,
    {
      qkv: view('qkv'),
      b: view('b'),
      a: view('a'),
      conv: w.conv1d,
      gateWeights: w.gates,
      state: recurrent,
      next: other,
      o: s.mixed,
    },
    { keyHeads, valueHeads, keyDim, valueDim },
    { kernel, ringRows: ringRows(config), squaresAt: squaresAt(s, config) },
    { position, pending, count, commit, accepted: accepted?.rows },
  );
  if (count > 0)
    gatedNormMatvec(
      list,
      { o: s.mixed, z: view('z'), gain: w.norm, w: w.out_proj, y: rows(s.x, H) },
      {
        count,
        heads: valueHeads,
        dim: valueDim,
        eps,
        tileHeads: config.valueHeadOrder === 'tiled' ? keyHeads : 0,
        squaresAt: squaresAt(s, config),
        ring,
      },
    );
}

function full(
  list: CommandList,
  config: ModelConfig,
  w: FullMixerWeights,
  cache: FullState,
  s: FewRowsAttentionScratch,
  { gain, count, start, ropeRow, accepted }: Normed,
): void {
  const { hiddenSize: H, headCount: heads, kvHeadCount: kvHeads, headDim: dim, rmsEps: eps } = config;
  w.qkv.runNormed(list, { x: rows(s.x, H), gain }, s.projected, { count, eps });
  const { gate, gateHeadStride } = attentionInputs(list, config, w, cache, s, {
    count,
    start,
    ropeRow,
    accepted: accepted?.rows,
  });
  (hasShuffle(list.gpu) ? attentionDecodeShuffle : attentionDecode)(
    list,
    { q: s.q, cache, partial: s.partial, stats: s.stats },
    { count, start, accepted, heads, kvHeads, dim },
  );
  attentionMerge(
    list,
    { partial: s.partial, stats: s.stats, gate, o: s.gated },
    {
      count,
      heads,
      dim,
      splits: mapWord(addWords(start, accepted?.most ?? 0), at => splitPlan(at + count).splits),
      gateHeadStride,
    },
  );
  addMatvec(list, { x: rows(s.gated, heads * dim), w: w.o_proj, y: rows(s.x, H) }, count);
}

/** x += mlp(norm(x)) for few rows. False, with nothing recorded, when the weights are not stored in a way these kernels take. */
export function fewRowsFeedForward(
  list: CommandList,
  config: ModelConfig,
  { mlp, post_attention_layernorm: gain }: LayerWeights,
  s: FewRowsFeedForwardScratch,
  count: number,
): boolean {
  const { hiddenSize: H, rmsEps: eps, expertsPerToken: chosen, expertCount } = config;
  const parts: ExpertPart[] = [];
  if (mlp.kind === 'dense') {
    const at = { choice: s.denseChoice, slots: 1, slotStart: 0, slotCount: 1, firstExpert: 0 };
    parts.push({ at, gateUp: onlyMatrix(mlp), down: mlp.down_proj, width: mlp.width });
  } else {
    const [gateUp, up] = mlp.experts_gate_up;
    const { shared_expert: shared } = mlp;
    const at = { choice: s.choice, slots: chosen + 1, slotStart: 0, firstExpert: 0 };
    parts.push({
      at: { ...at, slotCount: shared ? chosen : chosen + 1 },
      gateUp: up ? undefined : gateUp,
      down: mlp.experts_down,
      width: config.expertFf,
    });
    if (shared)
      parts.push({
        at: { ...at, slotStart: chosen, slotCount: 1, firstExpert: expertCount },
        gateUp: onlyMatrix(shared),
        down: shared.down_proj,
        width: shared.width,
      });
  }
  if (parts.some(part => !part.gateUp)) return false;
  const x = rows(s.x, H);
  if (mlp.kind === 'moe') {
    mlp.gate.runNormed(list, { x, gain }, s.routed, { count, eps });
    route(list, config, mlp, s, count);
  }
  const hiddenStride = Math.max(...parts.map(({ width }) => width));
  const hidden = s.expertActive;
  // All read the norm of x before the first down product adds to it.
  for (const { at, gateUp, width } of parts)
    if (gateUp) expertGateUp(list, { x, gain, w: gateUp, hidden }, at, { count, width, hiddenStride, eps });
  for (const { at, down } of parts)
    expertDown(list, { hidden, w: down, y: x }, at, { count, outputs: H, hiddenStride });
  return true;
}

/** Experts stored alike, and the slots of the choice that they answer; gateUp undefined when stored apart. */
interface ExpertPart {
  at: ExpertSlots;
  gateUp: WeightMatrix | undefined;
  down: WeightMatrix;
  width: number;
}

/** The gate and up rows as one matrix, when they are stored in one type. */
function onlyMatrix({ gate_up }: DenseWeights): WeightMatrix | undefined {
  return gate_up.matrices.length === 1 ? gate_up.matrices[0] : undefined;
}
