// Feed-forward part: router, routed experts and shared expert, or a plain SwiGLU MLP (docs/MODEL.md 7).
import type { CommandList } from '../../gpu/dispatch.ts';
import type { GpuTensor } from '../../gpu/tensor.ts';
import { rows } from '../../kernels/launch.ts';
import { matmul } from '../../kernels/matmul.ts';
import { moeCombine } from '../../kernels/moe_combine.ts';
import { moeLists, tileCountMax, tilesExpected } from '../../kernels/moe_lists.ts';
import { expertOutputGroups, expertTileRows, moeMatmul } from '../../kernels/moe_matmul.ts';
import { moeRoute } from '../../kernels/moe_route.ts';
import { swiglu } from '../../kernels/swiglu.ts';
import type { ModelConfig } from '../config/config_types.ts';
import type { Scratch } from '../sequence/scratch.ts';
import type { DenseWeights, MoeWeights } from '../weights/weights.ts';

/** What choosing experts reads and writes besides weights. */
export type RouteScratch = Pick<Scratch, 'routed' | 'choice'>;
/** The same of a plain MLP: reads `normed`. */
export type DenseScratch = Pick<Scratch, 'normed' | 'projected' | 'active'>;
/** The same of the products of experts. */
export type ExpertScratch = Pick<
  Scratch,
  'normed' | 'choice' | 'order' | 'tiles' | 'launches' | 'expertHidden' | 'expertActive' | 'expertOut'
>;
/** The same of the whole part: adds to x. */
export type FeedForwardScratch = RouteScratch &
  DenseScratch &
  ExpertScratch &
  Pick<Scratch, 'x' | 'sharedOut'>;

/** x += mlp(normed) for `count` rows. */
export function feedForward(
  list: CommandList,
  config: ModelConfig,
  w: MoeWeights | DenseWeights,
  s: FeedForwardScratch,
  count: number,
): void {
  if (w.kind === 'dense') dense(list, config, w, s, count, { to: s.x, accumulate: true });
  else sparseMoe(list, config, w, s, count);
}

function sparseMoe(
  list: CommandList,
  config: ModelConfig,
  w: MoeWeights,
  s: FeedForwardScratch,
  count: number,
): void {
  const { hiddenSize: H } = config;
  w.gate.run(list, rows(s.normed, H), s.routed, count);
  route(list, config, w, s, count);
  const { used, slots } = experts(list, config, w, s, count);
  if (w.shared_expert) dense(list, config, w.shared_expert, s, count, { to: s.sharedOut, accumulate: false });
  moeCombine(
    list,
    { routed: s.expertOut, choice: s.choice, shared: s.sharedOut, x: s.x },
    { count, width: H, used, slots },
  );
}

/** s.expertOut = what the experts that s.choice names make of s.normed. Of the slots of a choice the first `used` are experts. */
export function experts(
  list: CommandList,
  config: ModelConfig,
  w: MoeWeights,
  s: ExpertScratch,
  count: number,
): { used: number; slots: number } {
  const { hiddenSize: H, expertCount, expertsPerToken: chosen, expertFf: F } = config;
  const slots = chosen + 1;
  // The shared expert is one of the experts, or a plain MLP beside them.
  const used = w.shared_expert ? chosen : slots;
  const matrices = w.shared_expert ? expertCount : expertCount + 1;
  const entries = count * used;
  const tileRows = expertTileRows(list.gpu, { count, used, experts: matrices });
  const lists = {
    order: s.order,
    tiles: s.tiles,
    launches: s.launches,
    tileRows,
    tileCount: tileCountMax(entries, matrices, tileRows),
    tilesUsual: tilesExpected(entries, matrices, tileRows),
  };
  const [first, second] = s.expertHidden as [GpuTensor, GpuTensor?];
  const [gateUp, up] = w.experts_gate_up;
  const groups = (outputs: number) => expertOutputGroups(list.gpu, tileRows, outputs);
  moeLists(list, s.choice, lists, {
    entries,
    experts: matrices,
    used,
    slots,
    outputGroups: [groups(up ? F : 2 * F), groups(H)],
  });
  if (up && second) {
    moeMatmul(list, s.normed, gateUp, lists, first, { outputs: F, xDivisor: used, product: 0 });
    moeMatmul(list, s.normed, up, lists, second, { outputs: F, xDivisor: used, product: 0 });
    swiglu(list, rows(first, F), rows(second, F), s.expertActive, { count: entries, width: F });
  } else {
    moeMatmul(list, s.normed, gateUp, lists, first, { outputs: 2 * F, xDivisor: used, product: 0 });
    swiglu(list, rows(first, 2 * F), rows(first, 2 * F, F), s.expertActive, { count: entries, width: F });
  }
  moeMatmul(list, s.expertActive, w.experts_down, lists, s.expertOut, {
    outputs: H,
    xDivisor: 1,
    product: 1,
  });
  return { used, slots };
}

/** Chooses the experts of each row from the logits in s.routed. */
export function route(
  list: CommandList,
  config: ModelConfig,
  w: MoeWeights,
  s: RouteScratch,
  count: number,
): void {
  moeRoute(
    list,
    { logits: w.gate.view('router', s.routed), shared: w.gate.view('shared', s.routed), choice: s.choice },
    {
      count,
      experts: config.expertCount,
      chosen: config.expertsPerToken,
      renormalise: config.normTopkProb,
    },
  );
}

function dense(
  list: CommandList,
  config: ModelConfig,
  w: DenseWeights,
  s: DenseScratch,
  count: number,
  { to, accumulate }: { to: GpuTensor; accumulate: boolean },
): void {
  w.gate_up.run(list, rows(s.normed, config.hiddenSize), s.projected, count);
  swiglu(list, w.gate_up.view('gate', s.projected), w.gate_up.view('up', s.projected), s.active, {
    count,
    width: w.width,
  });
  matmul(list, rows(s.active, w.width), w.down_proj, rows(to, config.hiddenSize), { count, accumulate });
}
