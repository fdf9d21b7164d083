// Tensor names of Hugging Face checkpoints (docs/MODEL.md 2). Zero-centred norms get their +1 and A_log its sign here.
import type { LayerKind, ModelConfig } from '../config/config_types.ts';
import type {
  DenseMatrices,
  FullMixerSources,
  LayerSources,
  LinearMixerSources,
  MatrixSource,
  ModelSources,
  MoeSources,
} from './sources.ts';
import { betaAlphaPieces, interleavedPieces, sizesOf, type TensorFinder } from './tensor_finder.ts';

/** Throws missingTensor or badCheckpoint with the tensor's name. */
export function huggingFaceSources(find: TensorFinder, config: ModelConfig): ModelSources {
  const s = sizesOf(config);
  const root = find.has('model.language_model.embed_tokens.weight') ? 'model.language_model.' : 'model.';
  const norm = (name: string, length: number) => find.vector(name, length, 'plusOne');
  const dense = (p: string, width: number): DenseMatrices => ({
    gate_proj: find.matrix(`${p}gate_proj.weight`, width, s.hidden),
    up_proj: find.matrix(`${p}up_proj.weight`, width, s.hidden),
    down_proj: find.matrix(`${p}down_proj.weight`, s.hidden, width),
  });
  const experts = (p: string): MoeSources['experts'] => {
    const { expertCount, expertFf } = config;
    if (find.has(`${p}experts.gate_up_proj`)) {
      const half = (first: number) =>
        Array.from({ length: expertCount }, (_, e): [number, number] => [e * 2 * expertFf + first, expertFf]);
      return {
        gate_proj: find.matrix(`${p}experts.gate_up_proj`, expertCount * expertFf, s.hidden, half(0)),
        up_proj: find.matrix(`${p}experts.gate_up_proj`, expertCount * expertFf, s.hidden, half(expertFf)),
        down_proj: find.matrix(`${p}experts.down_proj`, expertCount * s.hidden, expertFf),
      };
    }
    const all = (name: string, rows: number, columns: number): MatrixSource => ({
      rows: expertCount * rows,
      columns,
      sources: Array.from(
        { length: expertCount },
        (_, e) => find.matrix(`${p}experts.${e}.${name}.weight`, rows, columns).sources,
      ).flat(),
    });
    return {
      gate_proj: all('gate_proj', expertFf, s.hidden),
      up_proj: all('up_proj', expertFf, s.hidden),
      down_proj: all('down_proj', s.hidden, expertFf),
    };
  };
  const linear = (p: string): LinearMixerSources => {
    const fused = find.has(`${p}in_proj_qkvz.weight`);
    const { qkv, z } = interleavedPieces(config);
    const { b, a } = betaAlphaPieces(config);
    return {
      kind: 'linear',
      in_proj_qkv: fused
        ? find.matrix(`${p}in_proj_qkvz.weight`, s.channels, s.hidden, qkv)
        : find.matrix(`${p}in_proj_qkv.weight`, s.channels, s.hidden),
      in_proj_z: fused
        ? find.matrix(`${p}in_proj_qkvz.weight`, s.nv * s.dv, s.hidden, z)
        : find.matrix(`${p}in_proj_z.weight`, s.nv * s.dv, s.hidden),
      in_proj_b: fused
        ? find.matrix(`${p}in_proj_ba.weight`, s.nv, s.hidden, b)
        : find.matrix(`${p}in_proj_b.weight`, s.nv, s.hidden),
      in_proj_a: fused
        ? find.matrix(`${p}in_proj_ba.weight`, s.nv, s.hidden, a)
        : find.matrix(`${p}in_proj_a.weight`, s.nv, s.hidden),
      out_proj: find.matrix(`${p}out_proj.weight`, s.hidden, s.nv * s.dv),
      conv1d: find.convolution(`${p}conv1d.weight`, s.channels, config.convKernel),
      negA: find.vector(`${p}A_log`, s.nv, 'negativeExp'),
      dt_bias: find.vector(`${p}dt_bias`, s.nv),
      norm: find.vector(`${p}norm.weight`, s.dv),
    };
  };
  const full = (p: string): FullMixerSources => ({
    kind: 'full',
    q_proj: find.matrix(`${p}q_proj.weight`, 2 * s.q, s.hidden),
    k_proj: find.matrix(`${p}k_proj.weight`, s.kv, s.hidden),
    v_proj: find.matrix(`${p}v_proj.weight`, s.kv, s.hidden),
    o_proj: find.matrix(`${p}o_proj.weight`, s.hidden, s.q),
    q_norm: norm(`${p}q_norm.weight`, config.headDim),
    k_norm: norm(`${p}k_norm.weight`, config.headDim),
  });
  const layer = (p: string, kind: LayerKind, moe: boolean): LayerSources => ({
    input_layernorm: norm(`${p}input_layernorm.weight`, s.hidden),
    post_attention_layernorm: norm(`${p}post_attention_layernorm.weight`, s.hidden),
    mixer: kind === 'full' ? full(`${p}self_attn.`) : linear(`${p}linear_attn.`),
    mlp: moe
      ? {
          kind: 'moe',
          gate: find.matrix(`${p}mlp.gate.weight`, config.expertCount, s.hidden),
          shared_expert_gate: find.matrix(`${p}mlp.shared_expert_gate.weight`, 1, s.hidden),
          experts: experts(`${p}mlp.`),
          shared_expert: dense(`${p}mlp.shared_expert.`, config.sharedExpertFf),
        }
      : { kind: 'dense', ...dense(`${p}mlp.`, config.denseFf) },
  });
  return {
    embed_tokens: find.matrix(`${root}embed_tokens.weight`, config.vocabularySize, s.hidden),
    ...(find.has('lm_head.weight')
      ? { lm_head: find.matrix('lm_head.weight', config.vocabularySize, s.hidden) }
      : {}),
    norm: norm(`${root}norm.weight`, s.hidden),
    layers: config.layerKinds.map((kind, i) =>
      layer(`${root}layers.${i}.`, kind, config.moeLayers[i] === true),
    ),
    ...(config.mtpLayers > 0
      ? {
          mtp: {
            fc: find.matrix('mtp.fc.weight', s.hidden, 2 * s.hidden),
            pre_fc_norm_embedding: norm('mtp.pre_fc_norm_embedding.weight', s.hidden),
            pre_fc_norm_hidden: norm('mtp.pre_fc_norm_hidden.weight', s.hidden),
            norm: norm('mtp.norm.weight', s.hidden),
            layer: layer('mtp.layers.0.', 'full', find.has('mtp.layers.0.mlp.gate.weight')),
          },
        }
      : {}),
  };
}
