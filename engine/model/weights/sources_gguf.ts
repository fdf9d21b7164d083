// Tensor names of GGUF files (docs/MODEL.md 3.3), whose norms hold the +1 already. qwen35* files store value heads tiled;
// their rows are brought back to grouped order here (out_proj's columns cannot: the gated norm writes in their order).
import type { LayerKind, ModelConfig } from '../config/config_types.ts';
import type {
  DenseMatrices,
  FullMixerSources,
  LayerSources,
  LinearMixerSources,
  ModelSources,
  VectorSource,
} from './sources.ts';
import { betaAlphaPieces, interleavedPieces, sizesOf, type TensorFinder } from './tensor_finder.ts';

/** Throws missingTensor or badCheckpoint with the tensor's name. */
export function ggufSources(find: TensorFinder, config: ModelConfig): ModelSources {
  const s = sizesOf(config);
  const dense = (p: string, suffix: string, width: number): DenseMatrices => ({
    gate_proj: find.matrix(`${p}ffn_gate${suffix}.weight`, width, s.hidden),
    up_proj: find.matrix(`${p}ffn_up${suffix}.weight`, width, s.hidden),
    down_proj: find.matrix(`${p}ffn_down${suffix}.weight`, s.hidden, width),
  });
  const linear = (p: string): LinearMixerSources => {
    const legacy = find.has(`${p}ssm_in.weight`);
    const fused = find.has(`${p}ssm_ba.weight`) || config.architecture === 'qwen3_next';
    const tiled = config.valueHeadOrder === 'tiled';
    const { qkv, z } = interleavedPieces(config);
    const { b, a } = betaAlphaPieces(config);
    const queriesAndKeys = 2 * s.nk * s.dk;
    const order = (width: number, before = 0) => (tiled ? groupedPieces(config, width, before) : undefined);
    const values = (source: VectorSource, width: number, before = 0): VectorSource => ({
      ...source,
      pieces: order(width, before),
    });
    return {
      kind: 'linear',
      in_proj_qkv: legacy
        ? find.matrix(`${p}ssm_in.weight`, s.channels, s.hidden, qkv)
        : find.matrix(`${p}attn_qkv.weight`, s.channels, s.hidden, order(s.dv, queriesAndKeys)),
      in_proj_z: legacy
        ? find.matrix(`${p}ssm_in.weight`, s.nv * s.dv, s.hidden, z)
        : find.matrix(`${p}attn_gate.weight`, s.nv * s.dv, s.hidden, order(s.dv)),
      in_proj_b: fused
        ? find.matrix(`${p}ssm_ba.weight`, s.nv, s.hidden, b)
        : find.matrix(`${p}ssm_beta.weight`, s.nv, s.hidden, order(1)),
      in_proj_a: fused
        ? find.matrix(`${p}ssm_ba.weight`, s.nv, s.hidden, a)
        : find.matrix(`${p}ssm_alpha.weight`, s.nv, s.hidden, order(1)),
      out_proj: find.matrix(`${p}ssm_out.weight`, s.hidden, s.nv * s.dv),
      conv1d: values(
        find.vector(`${p}ssm_conv1d.weight`, s.channels * config.convKernel),
        s.dv * config.convKernel,
        queriesAndKeys * config.convKernel,
      ),
      negA: values(find.vector(`${p}ssm_a`, s.nv), 1),
      // Ollama leaves the word out.
      dt_bias: values(find.vector(find.has(`${p}ssm_dt`) ? `${p}ssm_dt` : `${p}ssm_dt.bias`, s.nv), 1),
      norm: find.vector(`${p}ssm_norm.weight`, s.dv),
    };
  };
  const full = (p: string): FullMixerSources => ({
    kind: 'full',
    q_proj: find.matrix(`${p}attn_q.weight`, 2 * s.q, s.hidden),
    k_proj: find.matrix(`${p}attn_k.weight`, s.kv, s.hidden),
    v_proj: find.matrix(`${p}attn_v.weight`, s.kv, s.hidden),
    o_proj: find.matrix(`${p}attn_output.weight`, s.hidden, s.q),
    q_norm: find.vector(`${p}attn_q_norm.weight`, config.headDim),
    k_norm: find.vector(`${p}attn_k_norm.weight`, config.headDim),
  });
  const { expertCount, expertFf } = config;
  const layer = (p: string, kind: LayerKind, moe: boolean): LayerSources => ({
    input_layernorm: find.vector(`${p}attn_norm.weight`, s.hidden),
    post_attention_layernorm: find.vector(`${p}post_attention_norm.weight`, s.hidden),
    mixer: kind === 'full' ? full(p) : linear(p),
    mlp: moe
      ? {
          kind: 'moe',
          gate: find.matrix(`${p}ffn_gate_inp.weight`, expertCount, s.hidden),
          shared_expert_gate: find.matrix(`${p}ffn_gate_inp_shexp.weight`, 1, s.hidden),
          experts: {
            gate_proj: find.matrix(`${p}ffn_gate_exps.weight`, expertCount * expertFf, s.hidden),
            up_proj: find.matrix(`${p}ffn_up_exps.weight`, expertCount * expertFf, s.hidden),
            down_proj: find.matrix(`${p}ffn_down_exps.weight`, expertCount * s.hidden, expertFf),
          },
          shared_expert: dense(p, '_shexp', config.sharedExpertFf),
        }
      : { kind: 'dense', ...dense(p, '', config.denseFf) },
  });
  // The MTP block is numbered after the layers.
  const mtp = `blk.${config.layerCount}.`;
  return {
    embed_tokens: find.matrix('token_embd.weight', config.vocabularySize, s.hidden),
    ...(find.has('output.weight')
      ? { lm_head: find.matrix('output.weight', config.vocabularySize, s.hidden) }
      : {}),
    norm: find.vector('output_norm.weight', s.hidden),
    layers: config.layerKinds.map((kind, i) => layer(`blk.${i}.`, kind, config.moeLayers[i] === true)),
    ...(config.mtpLayers > 0
      ? {
          mtp: {
            fc: find.matrix(`${mtp}nextn.eh_proj.weight`, s.hidden, 2 * s.hidden),
            pre_fc_norm_embedding: find.vector(`${mtp}nextn.enorm.weight`, s.hidden),
            pre_fc_norm_hidden: find.vector(`${mtp}nextn.hnorm.weight`, s.hidden),
            norm: find.vector(`${mtp}nextn.shared_head_norm.weight`, s.hidden),
            layer: layer(mtp, 'full', find.has(`${mtp}ffn_gate_inp.weight`)),
          },
        }
      : {}),
  };
}

/**
 * qwen35* GGUF stores value heads tiled: position j * nk + g holds head g * r + j (docs/MODEL.md 3.4). Pieces of `width` values a head that
 * bring them back to grouped order, after `before` values that stay.
 */
function groupedPieces(config: ModelConfig, width: number, before = 0): [number, number][] {
  const { nk, nv, ratio } = sizesOf(config);
  const heads = Array.from({ length: nv }, (_, h): [number, number] => [
    before + ((h % ratio) * nk + Math.floor(h / ratio)) * width,
    width,
  ]);
  return before > 0 ? [[0, before], ...heads] : heads;
}
