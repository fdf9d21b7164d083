// The layer for few rows, as decoding and verifying drafts run it: every step is fused into the matrix product before or after it.
// A DeltaNet layer takes 7 kernels, an attention layer 9 (docs/PERFORMANCE.md), each more where a file mixes more storage types than
// the device can bind at once.
import type { CommandList } from '../../gpu/dispatch.ts';
import type { Word } from '../../gpu/encoded_kernel.ts';
import type { Accepted } from '../../kernels/accepted.ts';
import { addMatvec } from '../../kernels/add_matvec.ts';
import { attentionFew } from '../../kernels/attention_few.ts';
import { expertDown } from '../../kernels/expert_down.ts';
import { expertGateUp, takesGateUp, type ExpertStack, type GateUp } from '../../kernels/expert_gate_up.ts';
import { gatedDeltaDecode } from '../../kernels/gated_delta_decode.ts';
import { gatedNormMatvec } from '../../kernels/gated_norm_matvec.ts';
import { rows } from '../../kernels/launch.ts';
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
import type {
  DenseWeights,
  FullMixerWeights,
  LayerWeights,
  LinearMixerWeights,
  MoeWeights,
} from '../weights/weights.ts';

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
  { ring: projected, recurrent, other }: LinearState,
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
  const view = (name: string) => w.in_proj.view(name, projected);
  if (count > 0) w.in_proj.runNormed(list, { x: rows(s.x, H), gain }, projected, { count, eps, ring });
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
  attentionFew(
    list,
    { q: s.q, cache, partial: s.partial, stats: s.stats, gate, gateHeadStride, o: s.gated },
    { count, start, accepted, heads, kvHeads, dim },
  );
  addMatvec(list, { x: rows(s.gated, heads * dim), w: w.o_proj, y: rows(s.x, H) }, { count });
}

/**
 * x += mlp(norm(x)) for few rows. False, with nothing recorded, when the weights are not stored in a way these kernels take: gate and up
 * in two types and in parts.
 */
export function fewRowsFeedForward(
  list: CommandList,
  config: ModelConfig,
  { mlp, post_attention_layernorm: gain }: LayerWeights,
  s: FewRowsFeedForwardScratch,
  count: number,
): boolean {
  const stacks = mlp.kind === 'dense' ? [onlyExpert(mlp)] : expertStacks(config, mlp);
  if (!stacks.every(({ w }) => takesGateUp(list.gpu, w.gateUp))) return false;
  if (mlp.kind === 'moe') {
    const { hiddenSize: H, rmsEps: eps } = config;
    mlp.gate.runNormed(list, { x: rows(s.x, H), gain }, s.routed, { count, eps });
    route(list, config, mlp, s, count);
  }
  fewRowsExperts(list, config, { mlp, post_attention_layernorm: gain }, s, count);
  return true;
}

/** The same with the experts that s.choice names. What cannot be fused is an internal error. */
export function fewRowsExperts(
  list: CommandList,
  config: ModelConfig,
  { mlp, post_attention_layernorm: gain }: Pick<LayerWeights, 'mlp' | 'post_attention_layernorm'>,
  s: FewRowsFeedForwardScratch,
  count: number,
): void {
  const { hiddenSize: H, rmsEps: eps } = config;
  const x = rows(s.x, H);
  const stacks = mlp.kind === 'dense' ? [onlyExpert(mlp)] : expertStacks(config, mlp);
  const choice =
    mlp.kind === 'moe'
      ? { tensor: s.choice, slots: config.expertsPerToken + 1 }
      : { tensor: s.denseChoice, slots: 1 };
  const hiddenStride = Math.max(...stacks.map(({ width }) => width));
  const hidden = s.expertActive;
  const of = <M>(matrices: (w: Matrices) => M) => stacks.map(stack => ({ ...stack, w: matrices(stack.w) }));
  // All read the norm of x before the first down product adds to it.
  const gateUps = of(({ gateUp }) => gateUp);
  expertGateUp(list, { x, gain, stacks: gateUps, choice, hidden }, { count, hiddenStride, eps });
  const downs = of(({ down }) => down);
  expertDown(list, { hidden, stacks: downs, choice, y: x }, { count, outputs: H, hiddenStride });
}

interface Matrices {
  gateUp: GateUp;
  down: WeightMatrix;
}

/** The routed experts, and the shared one where it is stored in another way. */
function expertStacks(config: ModelConfig, mlp: MoeWeights): ExpertStack<Matrices>[] {
  const { expertsPerToken: chosen, expertCount, expertFf: width } = config;
  const { shared_expert: shared, experts_gate_up: gateUp, experts_down: down } = mlp;
  const joined = shared ? 0 : 1;
  const routed = {
    w: { gateUp, down },
    width,
    slotStart: 0,
    slotCount: chosen + joined,
    firstExpert: 0,
    expertCount: expertCount + joined,
  };
  return shared ? [routed, { ...onlyExpert(shared), slotStart: chosen, firstExpert: expertCount }] : [routed];
}

/** A plain MLP as the only expert. */
function onlyExpert({ gate_up, down_proj: down, width }: DenseWeights): ExpertStack<Matrices> {
  const [gate, up] = gate_up.matrices as [WeightMatrix, WeightMatrix?];
  const gateUp: GateUp = up ? [gate, up] : [gate];
  return { w: { gateUp, down }, width, slotStart: 0, slotCount: 1, firstExpert: 0, expertCount: 1 };
}
