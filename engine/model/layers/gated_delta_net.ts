// DeltaNet mixer: in_proj -> convolution -> delta rule -> gated norm -> out_proj (docs/MODEL.md 6).
import type { CommandList } from '../../gpu/dispatch.ts';
import { causalConv1d } from '../../kernels/causal_conv1d.ts';
import { deltaGates } from '../../kernels/delta_gates.ts';
import { gatedDeltaChunk } from '../../kernels/gated_delta_chunk.ts';
import { gatedDeltaChunkScores } from '../../kernels/gated_delta_chunk_scores.ts';
import { gatedDeltaChunkSolve } from '../../kernels/gated_delta_chunk_solve.ts';
import { gatedDeltaStep } from '../../kernels/gated_delta_step.ts';
import { l2Norm } from '../../kernels/l2_norm.ts';
import { rows } from '../../kernels/launch.ts';
import { matmul } from '../../kernels/matmul.ts';
import { rmsNormGated } from '../../kernels/rms_norm_gated.ts';
import { errors } from '../../protocol/errors.ts';
import type { ModelConfig } from '../config/config_types.ts';
import type { Scratch } from '../sequence/scratch.ts';
import { ringRows } from '../../shared/architecture/footprint.ts';
import type { LinearState } from '../sequence/linear_state.ts';
import type { LinearMixerWeights } from '../weights/weights.ts';

/** How the delta rule walks over the rows of a batch: chunk by chunk, or token by token. Both give the same result. */
export type DeltaVariant = 'chunked' | 'recurrent';

/** What the layer reads and writes besides weights and state: adds to x. */
export type DeltaScratch = Pick<
  Scratch,
  'x' | 'normed' | 'projected' | 'convolved' | 'gates' | 'chunked' | 'mixed' | 'gated'
>;

/** x += mixer(normed) for a batch of `count` rows from position `start`, and the layer's state, with nothing waiting, moves on. */
export function gatedDeltaNet(
  list: CommandList,
  config: ModelConfig,
  w: LinearMixerWeights,
  state: LinearState,
  s: DeltaScratch,
  { count, delta, start }: { count: number; delta: DeltaVariant; start: number },
): void {
  const {
    linearKeyHeads: keyHeads,
    linearValueHeads: valueHeads,
    linearKeyDim: keyDim,
    linearValueDim: valueDim,
  } = config;
  const channels = 2 * keyHeads * keyDim + valueHeads * valueDim;
  const shape = { count, keyHeads, valueHeads, keyDim, valueDim };
  w.in_proj.run(list, rows(s.normed, config.hiddenSize), s.projected, count);
  const view = (name: string) => w.in_proj.view(name, s.projected);
  causalConv1d(
    list,
    { u: view('qkv'), weight: w.conv1d, ring: w.in_proj.view('qkv', state.ring), y: s.convolved },
    { count, channels, kernel: config.convKernel, ringRows: ringRows(config), position: start },
  );
  l2Norm(list, s.convolved, { count, keyHeads, keyDim, stride: channels });
  deltaGates(
    list,
    { b: view('b'), a: view('a'), gateWeights: w.gates, gates: s.gates },
    { count, heads: valueHeads },
  );
  const io = { qkv: s.convolved, gates: s.gates, state: state.recurrent, o: s.mixed };
  if (delta === 'recurrent') gatedDeltaStep(list, io, shape);
  else {
    if (!s.chunked) throw errors.internal('the chunked delta rule has nothing to work in');
    const { scores, solved } = s.chunked;
    gatedDeltaChunkScores(list, { ...io, scores }, shape);
    gatedDeltaChunkSolve(list, { ...io, scores, solved }, shape);
    gatedDeltaChunk(list, { ...io, scores, solved }, shape);
  }
  rmsNormGated(
    list,
    { o: s.mixed, z: view('z'), weight: w.norm, y: s.gated },
    {
      count,
      heads: valueHeads,
      dim: valueDim,
      eps: config.rmsEps,
      tileHeads: config.valueHeadOrder === 'tiled' ? keyHeads : 0,
    },
  );
  matmul(list, rows(s.gated, valueHeads * valueDim), w.out_proj, rows(s.x, config.hiddenSize), {
    count,
    accumulate: true,
  });
}
