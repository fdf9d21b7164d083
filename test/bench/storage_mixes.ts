// In which types files of Qwen3-Next-80B store its tensors: as llama.cpp's own mixes do, and as distributors change them.
import type { StorageType } from '../../engine/shared/architecture/storage_types.ts';
import type { TensorPlan } from './model_tensors.ts';

/** Types by what a tensor's name ends with; the first that fits holds. Those of a list are taken in turn, layer by layer. */
type Rules = readonly (readonly [suffix: string, type: StorageType | readonly StorageType[]])[];

/** llama.cpp gives every so-manyth layer's values and outputs more bits. */
const some = (few: StorageType, many: StorageType): StorageType[] => [many, few, few];

const mixes = {
  'one type': [],
  // Shared gates in F16 beside routers in F32.
  Q4_K_M: [
    ['ffn_gate_inp_shexp.weight', 'F16'],
    ['attn_v.weight', some('Q4_K', 'Q6_K')],
    ['ffn_down_exps.weight', some('Q4_K', 'Q6_K')],
    ['ffn_down_shexp.weight', some('Q4_K', 'Q6_K')],
    ['', 'Q4_K'],
  ],
  // What every token needs in 8 bits, experts in 4.
  'Q4_K experts, the rest Q8_0': [
    ['ffn_gate_inp_shexp.weight', 'F16'],
    ['ssm_ba.weight', 'F32'],
    ['ffn_down_exps.weight', some('Q5_K', 'Q6_K')],
    ['_exps.weight', 'Q4_K'],
    ['', 'Q8_0'],
  ],
  // As many types as tensors are important.
  'UD, 3 bits': [
    ['ffn_gate_inp_shexp.weight', 'BF16'],
    ['ssm_ba.weight', 'F32'],
    ['attn_qkv.weight', ['Q6_K', 'Q5_K', 'Q8_0']],
    ['attn_gate.weight', ['Q5_K', 'Q4_K']],
    ['attn_q.weight', ['Q5_K', 'IQ4_XS']],
    ['attn_k.weight', 'Q8_0'],
    ['attn_v.weight', 'Q6_K'],
    ['ffn_down_exps.weight', ['IQ4_XS', 'IQ3_S']],
    // Now and then even gate and up differ.
    ['ffn_up_exps.weight', [...(Array(7).fill('IQ3_XXS') as 'IQ3_XXS'[]), 'IQ3_S']],
    ['_exps.weight', 'IQ3_XXS'],
    ['_shexp.weight', ['Q6_K', 'Q8_0']],
    ['', 'Q5_K'],
  ],
} as const satisfies Record<string, Rules>;

export type StorageMix = keyof typeof mixes;
export const storageMixes = Object.keys(mixes) as StorageMix[];

/** The tensors in the types of a mix. Vectors and routers are F32 in all of them. */
export function mixed(plans: readonly TensorPlan[], mix: StorageMix): TensorPlan[] {
  const rules: Rules = mixes[mix];
  return plans.map(plan => {
    const { name, shape } = plan;
    const isMatrix = shape.length > 1 || name.endsWith('ffn_gate_inp_shexp.weight');
    if (!isMatrix || name.endsWith('ffn_gate_inp.weight') || name.endsWith('ssm_conv1d.weight')) return plan;
    const layer = Number(/^blk\.(\d+)\./.exec(name)?.[1] ?? 0);
    const type = rules.find(([suffix]) => name.endsWith(suffix))?.[1];
    if (type === undefined) return plan;
    return { ...plan, type: typeof type === 'string' ? type : (type[layer % type.length] as StorageType) };
  });
}
