// Checkpoint tensors -> typed tree of device weights. Fields keep the checkpoint's names.
import type { GpuTensor } from '../../gpu/tensor.ts';
import type { WeightMatrix } from '../../kernels/weight_matrix.ts';
import type { ModelConfig } from '../config/config_types.ts';
import { Projection } from './projection.ts';
import { errors } from '../../protocol/errors.ts';
import type {
  DenseMatrices,
  LayerSources,
  MatrixSource,
  ModelSources,
  MoeSources,
  MtpSources,
} from './sources.ts';
import { Uploader } from './upload.ts';

export interface FullMixerWeights {
  kind: 'full';
  /** Slots q (query and gate interleaved per head), k, v. */
  qkv: Projection;
  o_proj: WeightMatrix;
  /** [2, dim]: of queries, then of keys. */
  qk_norm: GpuTensor;
}
export interface LinearMixerWeights {
  kind: 'linear';
  /** Slots qkv, z, b, a. */
  in_proj: Projection;
  out_proj: WeightMatrix;
  /** [kernel, channels]. */
  conv1d: GpuTensor;
  /** [2, Hv]: -e^A_log, then dt_bias. */
  gates: GpuTensor;
  norm: GpuTensor;
}
export interface DenseWeights {
  kind: 'dense';
  width: number;
  /** Slots gate, up. */
  gate_up: Projection;
  down_proj: WeightMatrix;
}
export interface MoeWeights {
  kind: 'moe';
  /** Slots router, shared (the scalar gate of the shared expert). */
  gate: Projection;
  /** One matrix with gate and up rows per expert when both have one type; else two. */
  experts_gate_up: readonly [WeightMatrix] | readonly [WeightMatrix, WeightMatrix];
  experts_down: WeightMatrix;
  /** Absent when it is as wide and of the same types as the others: then it is the last of the experts' matrices. */
  shared_expert?: DenseWeights;
}
export interface LayerWeights {
  input_layernorm: GpuTensor;
  post_attention_layernorm: GpuTensor;
  mixer: FullMixerWeights | LinearMixerWeights;
  mlp: MoeWeights | DenseWeights;
}
export interface MtpWeights {
  fc: WeightMatrix;
  pre_fc_norm_embedding: GpuTensor;
  pre_fc_norm_hidden: GpuTensor;
  norm: GpuTensor;
  layer: LayerWeights & { mixer: FullMixerWeights };
}
/** All weights of a model. Owns them. */
export interface ModelWeights {
  embed_tokens: WeightMatrix;
  lm_head: WeightMatrix;
  norm: GpuTensor;
  layers: LayerWeights[];
  mtp?: MtpWeights;
}

type UploadSizes = Pick<ModelConfig, 'expertCount' | 'convKernel'>;

/** Asks for everything the sources name; up.run() brings it. On failure nothing is freed here: the caller disposes the device's buffers made since. */
export function planWeights(
  up: Uploader,
  sources: ModelSources,
  { expertCount, convKernel }: UploadSizes,
): ModelWeights {
  const embed_tokens = up.matrix('embed_tokens', sources.embed_tokens);
  const layers: LayerWeights[] = [];
  for (const [i, layer] of sources.layers.entries())
    layers.push(planLayer(up, `layers.${i}`, layer, { expertCount, convKernel }));
  const weights = {
    embed_tokens,
    lm_head: sources.lm_head ? up.matrix('lm_head', sources.lm_head) : embed_tokens,
    norm: up.vector('norm', sources.norm),
    layers,
  };
  const mtp = sources.mtp && planMtp(up, sources.mtp, { expertCount, convKernel });
  return mtp ? { ...weights, mtp } : weights;
}

function planMtp(up: Uploader, mtp: MtpSources, sizes: UploadSizes): MtpWeights {
  const layer = planLayer(up, 'mtp.layers.0', mtp.layer, sizes);
  const { mixer } = layer;
  if (mixer.kind !== 'full') throw errors.internal('the MTP layer is not an attention layer');
  return {
    fc: up.matrix('mtp.fc', mtp.fc),
    pre_fc_norm_embedding: up.vector('mtp.pre_fc_norm_embedding', mtp.pre_fc_norm_embedding),
    pre_fc_norm_hidden: up.vector('mtp.pre_fc_norm_hidden', mtp.pre_fc_norm_hidden),
    norm: up.vector('mtp.norm', mtp.norm),
    layer: { ...layer, mixer },
  };
}

/** The layers of the model and of its MTP block. */
export function allLayers(weights: ModelWeights): LayerWeights[] {
  return weights.mtp ? [...weights.layers, weights.mtp.layer] : weights.layers;
}

/** Every small tensor of the tree. */
export function vectorsOf(weights: ModelWeights): GpuTensor[] {
  const { mtp } = weights;
  return [
    weights.norm,
    ...(mtp ? [mtp.pre_fc_norm_embedding, mtp.pre_fc_norm_hidden, mtp.norm] : []),
    ...allLayers(weights).flatMap(({ mixer, input_layernorm, post_attention_layernorm }) => [
      input_layernorm,
      post_attention_layernorm,
      ...(mixer.kind === 'full' ? [mixer.qk_norm] : [mixer.conv1d, mixer.gates, mixer.norm]),
    ]),
  ];
}

/** Every matrix of the tree; the tied head once. */
export function matricesOf(weights: ModelWeights): WeightMatrix[] {
  const dense = (d: DenseWeights) => [...d.gate_up.matrices, d.down_proj];
  const all = allLayers(weights).flatMap(({ mixer, mlp }) => [
    ...(mixer.kind === 'full'
      ? [...mixer.qkv.matrices, mixer.o_proj]
      : [...mixer.in_proj.matrices, mixer.out_proj]),
    ...(mlp.kind === 'dense'
      ? dense(mlp)
      : [
          ...mlp.gate.matrices,
          ...mlp.experts_gate_up,
          mlp.experts_down,
          ...(mlp.shared_expert ? dense(mlp.shared_expert) : []),
        ]),
  ]);
  return [
    ...new Set([weights.embed_tokens, weights.lm_head, ...all, ...(weights.mtp ? [weights.mtp.fc] : [])]),
  ];
}

function planLayer(
  up: Uploader,
  label: string,
  layer: LayerSources,
  { expertCount, convKernel }: UploadSizes,
): LayerWeights {
  const vector = (name: string, source: LayerSources['input_layernorm']) =>
    up.vector(`${label}.${name}`, source);
  const matrix = (name: string, source: MatrixSource) => up.matrix(`${label}.${name}`, source);
  const { mixer, mlp } = layer;
  return {
    input_layernorm: vector('input_layernorm', layer.input_layernorm),
    post_attention_layernorm: vector('post_attention_layernorm', layer.post_attention_layernorm),
    mixer:
      mixer.kind === 'full'
        ? {
            kind: 'full',
            qkv: Projection.plan(up, `${label}.qkv`, {
              q: mixer.q_proj,
              k: mixer.k_proj,
              v: mixer.v_proj,
            }),
            o_proj: matrix('o_proj', mixer.o_proj),
            qk_norm: up.vectors(`${label}.qk_norm`, [mixer.q_norm, mixer.k_norm]),
          }
        : {
            kind: 'linear',
            in_proj: Projection.plan(
              up,
              `${label}.in_proj`,
              {
                qkv: mixer.in_proj_qkv,
                z: mixer.in_proj_z,
                b: mixer.in_proj_b,
                a: mixer.in_proj_a,
              },
              ['b', 'a'],
            ),
            out_proj: matrix('out_proj', mixer.out_proj),
            conv1d: up.transposed(`${label}.conv1d`, mixer.conv1d, convKernel),
            gates: up.vectors(`${label}.gates`, [mixer.negA, mixer.dt_bias]),
            norm: vector('norm', mixer.norm),
          },
    mlp:
      mlp.kind === 'dense'
        ? planDense(up, `${label}.mlp`, mlp)
        : {
            kind: 'moe',
            gate: Projection.plan(up, `${label}.gate`, { router: mlp.gate, shared: mlp.shared_expert_gate }, [
              'router',
              'shared',
            ]),
            ...planExperts(up, label, mlp, expertCount),
          },
  };
}

function planDense(up: Uploader, label: string, d: DenseMatrices): DenseWeights {
  return {
    kind: 'dense',
    width: d.gate_proj.rows,
    gate_up: Projection.plan(up, `${label}.gate_up`, { gate: d.gate_proj, up: d.up_proj }),
    down_proj: up.matrix(`${label}.down`, d.down_proj),
  };
}

/** The routed experts and the shared one, which joins them as the last when it looks like them. */
function planExperts(
  up: Uploader,
  label: string,
  { experts, shared_expert }: Pick<MoeSources, 'experts' | 'shared_expert'>,
  expertCount: number,
): Pick<MoeWeights, 'experts_gate_up' | 'experts_down' | 'shared_expert'> {
  const width = experts.gate_proj.rows / expertCount;
  const joins =
    shared_expert.gate_proj.rows === width &&
    (['gate_proj', 'up_proj', 'down_proj'] as const).every(
      name =>
        Uploader.formatOf(experts[name]) !== undefined &&
        Uploader.formatOf(experts[name]) === Uploader.formatOf(shared_expert[name]),
    );
  const all = joins ? joined(experts, shared_expert) : experts;
  const name = `${label}.experts${joins ? '+shared' : ''}`;
  return {
    experts_gate_up: planExpertsGateUp(up, name, all, width),
    experts_down: up.matrix(`${name}.down`, all.down_proj, experts.down_proj.rows / expertCount),
    ...(joins ? {} : { shared_expert: planDense(up, `${label}.shared_expert`, shared_expert) }),
  };
}

/** The rows of two sets of matrices, one set behind the other. */
function joined(first: DenseMatrices, second: DenseMatrices): DenseMatrices {
  const join = (a: MatrixSource, b: MatrixSource): MatrixSource => ({
    ...a,
    rows: a.rows + b.rows,
    sources: [...a.sources, ...b.sources],
  });
  return {
    gate_proj: join(first.gate_proj, second.gate_proj),
    up_proj: join(first.up_proj, second.up_proj),
    down_proj: join(first.down_proj, second.down_proj),
  };
}

function planExpertsGateUp(
  up: Uploader,
  label: string,
  { gate_proj, up_proj }: DenseMatrices,
  width: number,
): MoeWeights['experts_gate_up'] {
  const format = Uploader.formatOf(gate_proj);
  if (format === undefined || format !== Uploader.formatOf(up_proj))
    return [up.matrix(`${label}.gate`, gate_proj, width), up.matrix(`${label}.up`, up_proj, width)];
  const sources = Array.from({ length: gate_proj.rows / width }, (_, e) => [
    rowsOf(gate_proj, e * width, width),
    rowsOf(up_proj, e * width, width),
  ]).flat(2);
  return [up.matrix(`${label}.gate_up`, { ...gate_proj, rows: 2 * gate_proj.rows, sources }, 2 * width)];
}

/** The sources of rows first … first + count - 1 of a matrix. */
function rowsOf(source: MatrixSource, first: number, count: number): MatrixSource['sources'] {
  const found: MatrixSource['sources'] = [];
  let at = 0;
  for (const { tensor, pieces } of source.sources) {
    const stored = tensor.shape.slice(0, -1).reduce((a, b) => a * b, 1);
    for (const [start, length] of pieces ?? [[0, stored] as [number, number]]) {
      const from = Math.max(first, at);
      const to = Math.min(first + count, at + length);
      if (from < to) found.push({ tensor, pieces: [[start + from - at, to - from]] });
      at += length;
    }
  }
  return found;
}
