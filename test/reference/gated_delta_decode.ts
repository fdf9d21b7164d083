// Reference of gated_delta_decode (docs/MODEL.md 6): convolution, norms, gates and delta rule, put together from their references.
import type { DeltaShape } from '../../engine/kernels/gated_delta_step.ts';
import { causalConv1d } from './causal_conv1d.ts';
import { deltaGates } from './delta_gates.ts';
import { gatedDeltaStep } from './gated_delta_step.ts';
import { l2Norm } from './l2_norm.ts';
import type { Numbers, Rows } from './rows.ts';

/**
 * qkv, b, a: the rows in order of position, shape.count of them; tail [kernel - 1, channels]: the rows before; conv [kernel, channels].
 * Gives o of every row and the state after the first `commit` rows.
 */
export function gatedDeltaDecode(
  input: {
    qkv: Rows;
    b: Rows;
    a: Rows;
    tail: Numbers;
    conv: Numbers;
    negA: Numbers;
    dtBias: Numbers;
    state: Numbers;
  },
  shape: DeltaShape,
  { kernel, commit }: { kernel: number; commit: number },
): { o: Float64Array; state: Float64Array } {
  const { count, keyHeads, keyDim, valueHeads, valueDim } = shape;
  const channels = 2 * keyHeads * keyDim + valueHeads * valueDim;
  const { y } = causalConv1d(
    { u: input.qkv, weight: input.conv, state: input.tail },
    { count, channels, kernel },
  );
  const qkv = l2Norm(y, { count, keyHeads, keyDim, stride: channels });
  const gates = deltaGates(input, { count, heads: valueHeads });
  const { o } = gatedDeltaStep({ qkv, gates, state: input.state }, shape);
  const { state } = gatedDeltaStep({ qkv, gates, state: input.state }, { ...shape, count: commit });
  return { o, state };
}
