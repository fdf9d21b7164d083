// Reference of a whole GGUF model of one layer (docs/MODEL.md 4.1), put together from the references of its steps: embedding, DeltaNet or
// attention, experts, head. Weights are asked for a few rows at a time, so that a layer of any width fits memory.
import type { ModelShape } from '../bench/model_shapes.ts';
import { sigmoid } from './activations.ts';
import { attentionPrefill } from './attention_prefill.ts';
import { attentionPrep } from './attention_prep.ts';
import { causalConv1d } from './causal_conv1d.ts';
import { deltaGates } from './delta_gates.ts';
import { gatedDeltaStep } from './gated_delta_step.ts';
import { l2Norm } from './l2_norm.ts';
import { matmulVec } from './matmul_vec.ts';
import { moeRoute } from './moe_route.ts';
import { rmsNorm } from './rms_norm.ts';
import { rmsNormGated } from './rms_norm_gated.ts';
import type { Numbers, Rows } from './rows.ts';
import { swiglu } from './swiglu.ts';

/** `count` values of a tensor from value `from` on. */
export type WeightValues = (name: string, from: number, count: number) => Float64Array;

const eps = 1e-6;
const theta = 1e7;
const taps = 4;

/**
 * Residual stream after the layer and logits, for `ids` from the beginning of a text. routerGap: the smallest distance between the
 * last expert that was chosen and the first that was not; where it is tiny another arithmetic may choose otherwise.
 */
export function oneLayer(
  weights: WeightValues,
  s: ModelShape,
  ids: readonly number[],
): { x: Float64Array; logits: Float64Array; routerGap: number } {
  const count = ids.length;
  const H = s.hidden;
  const vector = (name: string, length: number) => weights(`blk.0.${name}`, 0, length);
  const product = (name: string, x: Numbers, columns: number, rows: number, firstRow = 0) =>
    matmulVec(
      block(x, columns),
      { values: weights(name, firstRow * columns, rows * columns), rows, columns },
      { count: x.length / columns },
    );
  const map = (name: string, x: Numbers, columns: number, rows: number, firstRow = 0) =>
    product(`blk.0.${name}`, x, columns, rows, firstRow);
  const normed = (x: Numbers, name: string) => rmsNorm(x, vector(name, H), { count: x.length / H, eps });

  const x = Float64Array.from(ids.flatMap(id => [...weights('token_embd.weight', id * H, H)]));
  const input = normed(x, 'attn_norm.weight');
  const mixed = s.attentionInterval === 1 ? attention() : delta();
  for (const [i, value] of mixed.entries()) x[i] = (x[i] as number) + value;

  const inner = normed(x, 'post_attention_norm.weight');
  const router = map('ffn_gate_inp.weight', inner, H, s.experts);
  const { ids: chosen, weights: shares } = moeRoute(block(router, s.experts), {
    count,
    experts: s.experts,
    chosen: s.expertsPerToken,
    renormalise: true,
  });
  const shared = map('ffn_gate_inp_shexp.weight', inner, H, 1);
  for (let t = 0; t < count; t++) {
    const row = inner.subarray(t * H, (t + 1) * H);
    addTo(t, expert('shexp', row, 0, s.sharedFf), sigmoid(shared[t] as number));
    for (let n = 0; n < s.expertsPerToken; n++) {
      const at = t * s.expertsPerToken + n;
      addTo(t, expert('exps', row, chosen[at] as number, s.expertFf), shares[at] as number);
    }
  }
  const last = rmsNorm(x, weights('output_norm.weight', 0, H), { count, eps });
  const logits = product('output.weight', last, H, s.vocabulary);
  const gaps = ids.map((_, t) =>
    gapOf(router.subarray(t * s.experts, (t + 1) * s.experts), s.expertsPerToken),
  );
  return { x, logits, routerGap: Math.min(...gaps) };

  function addTo(t: number, y: Float64Array, share: number): void {
    for (const [i, value] of y.entries()) x[t * H + i] = (x[t * H + i] as number) + share * value;
  }

  function expert(kind: 'exps' | 'shexp', row: Numbers, e: number, width: number): Float64Array {
    const gate = map(`ffn_gate_${kind}.weight`, row, H, width, e * width);
    const up = map(`ffn_up_${kind}.weight`, row, H, width, e * width);
    const h = swiglu(block(gate, width), block(up, width), { count: 1, width });
    return map(`ffn_down_${kind}.weight`, h, width, H, e * H);
  }

  function attention(): Float64Array {
    const { heads, kvHeads, headDim: dim } = s;
    const rotaryDim = dim / 4;
    const q = map('attn_q.weight', input, H, 2 * heads * dim);
    const k = map('attn_k.weight', input, H, kvHeads * dim);
    const v = map('attn_v.weight', input, H, kvHeads * dim);
    const gains = Float32Array.from([
      ...vector('attn_q_norm.weight', dim),
      ...vector('attn_k_norm.weight', dim),
    ]);
    const rope = ids.flatMap((_, t) =>
      Array.from({ length: rotaryDim / 2 }, (_, i) => t * theta ** ((-2 * i) / rotaryDim)).flatMap(angle => [
        Math.cos(angle),
        Math.sin(angle),
      ]),
    );
    const sizes = { count, heads, kvHeads, dim };
    const ready = attentionPrep(
      { q: block(q, 2 * heads * dim), k: block(k, kvHeads * dim), v: block(v, kvHeads * dim), gains, rope },
      { ...sizes, ropeRow: 0, rotaryDim, eps },
    );
    // The gate of a head lies behind its query.
    const gate = { values: q, offset: dim, stride: 2 * heads * dim };
    const o = attentionPrefill({ ...ready, gate, gateHeadStride: 2 * dim }, { ...sizes, start: 0 });
    return map('attn_output.weight', o, heads * dim, H);
  }

  function delta(): Float64Array {
    const { linearKeyHeads: keyHeads, linearValueHeads: valueHeads, linearDim: dim } = s;
    const width = valueHeads * dim;
    const channels = 2 * keyHeads * dim + width;
    const u = map('attn_qkv.weight', input, H, channels);
    const z = map('attn_gate.weight', input, H, width);
    const ba = map('ssm_ba.weight', input, H, 2 * valueHeads);
    // Rows of a file's convolution are channels.
    const stored = vector('ssm_conv1d.weight', channels * taps);
    const weight = stored.map(
      (_, at) => stored[(at % channels) * taps + Math.floor(at / channels)] as number,
    );
    const convolved = causalConv1d(
      { u: block(u, channels), weight, state: new Float64Array((taps - 1) * channels) },
      { count, channels, kernel: taps },
    );
    const qkv = l2Norm(convolved.y, { count, keyHeads, keyDim: dim, stride: channels });
    // Of each key head first the betas of its value heads, then their alphas.
    const ratio = valueHeads / keyHeads;
    const place = (h: number) => Math.floor(h / ratio) * 2 * ratio + (h % ratio);
    const part = (after: number) =>
      Float64Array.from(
        { length: count * valueHeads },
        (_, at) =>
          ba[Math.floor(at / valueHeads) * 2 * valueHeads + place(at % valueHeads) + after] as number,
      );
    const gates = deltaGates(
      {
        b: block(part(0), valueHeads),
        a: block(part(ratio), valueHeads),
        negA: vector('ssm_a', valueHeads),
        dtBias: vector('ssm_dt.bias', valueHeads),
      },
      { count, heads: valueHeads },
    );
    const shape = { count, keyHeads, valueHeads, keyDim: dim, valueDim: dim };
    const { o } = gatedDeltaStep({ qkv, gates, state: new Float64Array(valueHeads * dim * dim) }, shape);
    const y = rmsNormGated(
      { o, z: block(z, width), weight: vector('ssm_norm.weight', dim) },
      { count, heads: valueHeads, dim, eps },
    );
    return map('ssm_out.weight', y, width, H);
  }
}

/** Rows of `width` values, one behind another. */
function block(values: Numbers, width: number): Rows {
  return { values, offset: 0, stride: width };
}

function gapOf(logits: Float64Array, chosen: number): number {
  const sorted = logits.toSorted().reverse();
  return (sorted[chosen - 1] as number) - (sorted[chosen] as number);
}
