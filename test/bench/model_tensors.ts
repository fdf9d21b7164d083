// The tensors of a `qwen3next` GGUF file for a shape, each with how its random values are drawn: decays that keep state
// for many tokens, routers with a spread, norms off one, a head whose best token stands out.
import { shapeTensors, type ShapedTensor } from '../../engine/prediction/shape_checkpoint.ts';
import type { StorageMix } from '../../engine/shared/architecture/storage_mixes.ts';
import { shapedModel, type ModelShape } from './model_shapes.ts';

export type Draw =
  | { kind: 'normal'; mean: number; deviation: number }
  /** -exp(u), u uniform between the logarithms: what a file holds of A_log. */
  | { kind: 'decay'; from: number; to: number };

export interface TensorPlan extends ShapedTensor {
  draw: Draw;
}

/** Storage types the maker writes for matrices. */
export const matrixTypes = ['F32', 'F16', 'Q8_0', 'Q4_0', 'Q4_K'] as const;
export type MatrixType = (typeof matrixTypes)[number];

/** All tensors in file order; matrices in `type`, the rest in F32, as llama.cpp's own converter does it. */
export function planTensors(s: ModelShape, type: MatrixType): TensorPlan[] {
  const mix: StorageMix = ({ role }) => (role === 'small' ? 'F32' : type);
  return shapeTensors(shapedModel('benchmark', s), mix).map(tensor => ({
    ...tensor,
    draw: drawOf(tensor, 2 / Math.sqrt(s.layers)),
  }));
}

const normal = (deviation: number, mean = 0): Draw => ({ kind: 'normal', mean, deviation });

/** outGain: what keeps the residual stream from growing with depth. */
function drawOf({ name, shape }: ShapedTensor, outGain: number): Draw {
  const matrix = (gain: number) => normal(gain / Math.sqrt(shape.at(-1) ?? 1));
  const part = name.replace(/^blk\.\d+\./, '').replace(/\.weight$/, '');
  if (/norm$/.test(part)) return normal(0.1, 1);
  if (/^(attn_output|ssm_out|ffn_down_shexp|ffn_down_exps)$/.test(part)) return matrix(outGain);
  switch (part) {
    case 'token_embd':
      return normal(1);
    case 'output':
      return matrix(3);
    case 'ssm_conv1d':
      return normal(0.5);
    case 'ssm_dt.bias':
      return normal(0.5, 0.5);
    case 'ssm_a':
      return { kind: 'decay', from: 0.003, to: 0.7 };
    case 'ffn_gate_inp':
      return matrix(2);
    default:
      return matrix(1);
  }
}
