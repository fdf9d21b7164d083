// Random inputs of the delta rule as the layer makes them: unit keys, scaled unit queries, gates in range, a state that is not zero.
import { deltaRowWidth, type DeltaShape } from '../../engine/kernels/gated_delta_step.ts';
import { l2Norm } from '../reference/l2_norm.ts';
import { Random } from './random.ts';

export interface DeltaInputs {
  qkv: Float32Array<ArrayBuffer>;
  gates: Float32Array<ArrayBuffer>;
  state: Float32Array<ArrayBuffer>;
}

/** `decayMax`: log decays lie in (-decayMax, 0]. */
export function deltaInputs(shape: DeltaShape, { decayMax = 0.5 } = {}): DeltaInputs {
  const { count, keyHeads, valueHeads, keyDim, valueDim } = shape;
  const random = new Random(count * 1000 + keyDim * 10 + valueDim);
  const stride = deltaRowWidth(shape);
  const gates = new Float32Array(count * valueHeads * 2);
  for (let i = 0; i < gates.length; i += 2) gates.set([random.next(), -decayMax * random.next() ** 4], i);
  return {
    qkv: Float32Array.from(l2Norm(random.normal(count * stride), { count, keyHeads, keyDim, stride })),
    gates,
    state: random.normal(valueHeads * keyDim * valueDim),
  };
}
