// The tensors of a `qwen3next` GGUF file for a shape, each with how its random values are drawn: decays that keep state
// for many tokens, routers with a spread, norms off one, a head whose best token stands out.
import type { StorageType } from '../../engine/shared/architecture/storage_types.ts';
import type { ModelShape } from './model_shapes.ts';

export type Draw =
  | { kind: 'normal'; mean: number; deviation: number }
  /** -exp(u), u uniform between the logarithms: what a file holds of A_log. */
  | { kind: 'decay'; from: number; to: number };

export interface TensorPlan {
  name: string;
  type: StorageType;
  /** Row-major, outermost first. */
  shape: number[];
  draw: Draw;
}

/** Storage types the maker writes for matrices. */
export const matrixTypes = ['F32', 'F16', 'Q8_0', 'Q4_0', 'Q4_K'] as const;
export type MatrixType = (typeof matrixTypes)[number];

/** All tensors in file order; matrices in `type`, the rest in F32, as llama.cpp's own converter does it. */
export function planTensors(s: ModelShape, type: MatrixType): TensorPlan[] {
  const plans: TensorPlan[] = [];
  const add = (name: string, stored: StorageType, shape: number[], draw: Draw) =>
    plans.push({ name, type: stored, shape, draw });
  const normal = (deviation: number, mean = 0): Draw => ({ kind: 'normal', mean, deviation });
  const matrix = (name: string, shape: number[], gain = 1) =>
    add(name, storedAs(type, shape), shape, normal(gain / Math.sqrt(shape.at(-1) ?? 1)));
  const vector = (name: string, shape: number[], draw: Draw) => add(name, 'F32', shape, draw);
  const norm = (name: string, width: number) => vector(name, [width], normal(0.1, 1));
  /** Keeps the residual stream from growing with depth. */
  const outGain = 2 / Math.sqrt(s.layers);

  add('token_embd.weight', storedAs(type, [s.vocabulary, s.hidden]), [s.vocabulary, s.hidden], normal(1));
  for (let layer = 0; layer < s.layers; layer++) {
    const p = `blk.${layer}.`;
    norm(`${p}attn_norm.weight`, s.hidden);
    if ((layer + 1) % s.attentionInterval === 0) {
      matrix(`${p}attn_q.weight`, [2 * s.heads * s.headDim, s.hidden]);
      matrix(`${p}attn_k.weight`, [s.kvHeads * s.headDim, s.hidden]);
      matrix(`${p}attn_v.weight`, [s.kvHeads * s.headDim, s.hidden]);
      matrix(`${p}attn_output.weight`, [s.hidden, s.heads * s.headDim], outGain);
      norm(`${p}attn_q_norm.weight`, s.headDim);
      norm(`${p}attn_k_norm.weight`, s.headDim);
    } else {
      const values = s.linearValueHeads * s.linearDim;
      const channels = 2 * s.linearKeyHeads * s.linearDim + values;
      matrix(`${p}attn_qkv.weight`, [channels, s.hidden]);
      matrix(`${p}attn_gate.weight`, [values, s.hidden]);
      matrix(`${p}ssm_ba.weight`, [2 * s.linearValueHeads, s.hidden]);
      vector(`${p}ssm_conv1d.weight`, [channels, convKernel], normal(0.5));
      vector(`${p}ssm_dt.bias`, [s.linearValueHeads], normal(0.5, 0.5));
      vector(`${p}ssm_a`, [s.linearValueHeads], { kind: 'decay', from: 0.003, to: 0.7 });
      norm(`${p}ssm_norm.weight`, s.linearDim);
      matrix(`${p}ssm_out.weight`, [s.hidden, values], outGain);
    }
    norm(`${p}post_attention_norm.weight`, s.hidden);
    vector(`${p}ffn_gate_inp.weight`, [s.experts, s.hidden], normal(2 / Math.sqrt(s.hidden)));
    vector(`${p}ffn_gate_inp_shexp.weight`, [s.hidden], normal(1 / Math.sqrt(s.hidden)));
    matrix(`${p}ffn_gate_shexp.weight`, [s.sharedFf, s.hidden]);
    matrix(`${p}ffn_up_shexp.weight`, [s.sharedFf, s.hidden]);
    matrix(`${p}ffn_down_shexp.weight`, [s.hidden, s.sharedFf], outGain);
    matrix(`${p}ffn_gate_exps.weight`, [s.experts, s.expertFf, s.hidden]);
    matrix(`${p}ffn_up_exps.weight`, [s.experts, s.expertFf, s.hidden]);
    matrix(`${p}ffn_down_exps.weight`, [s.experts, s.hidden, s.expertFf], outGain);
  }
  norm('output_norm.weight', s.hidden);
  matrix('output.weight', [s.vocabulary, s.hidden], 3);
  return plans;
}

/** Taps of the causal convolution. */
export const convKernel = 4;

/** Rows that are no whole number of Q4_K blocks are stored as Q5_0, as in distributed files. */
function storedAs(type: MatrixType, shape: readonly number[]): StorageType {
  return type === 'Q4_K' && (shape.at(-1) ?? 0) % 256 !== 0 ? 'Q5_0' : type;
}
