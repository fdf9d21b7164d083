// Tables of the partial rotary embedding, computed on the CPU: a shader's sin and cos are inaccurate for the
// large angles of distant positions. Half-split pairing inside the first rotaryDim dimensions of a head.
import type { ModelConfig, RopeScaling } from '../config/config_types.ts';

type RopeSettings = Pick<ModelConfig, 'rotaryDim' | 'ropeTheta' | 'ropeScaling'>;

/** inverse: [rotaryDim / 2] angle per position, float32. factor: what cos and sin are multiplied by. */
export function ropeFrequencies(config: RopeSettings): { inverse: Float32Array; factor: number } {
  const { rotaryDim, ropeTheta, ropeScaling } = config;
  const inverse = new Float32Array(rotaryDim / 2);
  const stretched = ropeScaling && yarnRamp(ropeScaling, rotaryDim, ropeTheta);
  for (let i = 0; i < inverse.length; i++) {
    const plain = ropeTheta ** ((-2 * i) / rotaryDim);
    const share = stretched?.(i) ?? 0;
    inverse[i] = plain * (1 - share) + (plain / (ropeScaling?.factor ?? 1)) * share;
  }
  return { inverse, factor: ropeScaling ? yarnFactor(ropeScaling) : 1 };
}

/** Table of positions from … from + count - 1: [count, rotaryDim / 2, 2], cos then sin. */
export function ropeTable(config: RopeSettings, from: number, count: number): Float32Array {
  const { inverse, factor } = ropeFrequencies(config);
  const table = new Float32Array(count * inverse.length * 2);
  let at = 0;
  for (let row = 0; row < count; row++) {
    const position = Math.fround(from + row);
    for (const frequency of inverse) {
      const angle = Math.fround(position * frequency);
      table[at++] = Math.fround(Math.cos(angle)) * factor;
      table[at++] = Math.fround(Math.sin(angle)) * factor;
    }
  }
  return table;
}

/** By dimension pair: 0 keeps the trained frequency, 1 divides it by the scaling factor. */
function yarnRamp(scaling: RopeScaling, rotaryDim: number, theta: number): (i: number) => number {
  // The dimension whose wave turns `rotations` times within the original context.
  const dimensionOf = (rotations: number) =>
    (rotaryDim * Math.log(scaling.originalContext / (rotations * 2 * Math.PI))) / (2 * Math.log(theta));
  const { truncate, betaFast, betaSlow } = scaling;
  const low = Math.max(truncate ? Math.floor(dimensionOf(betaFast)) : dimensionOf(betaFast), 0);
  let high = Math.min(truncate ? Math.ceil(dimensionOf(betaSlow)) : dimensionOf(betaSlow), rotaryDim - 1);
  if (low === high) high += 0.001;
  return i => Math.min(Math.max((i - low) / (high - low), 0), 1);
}

function yarnFactor(scaling: RopeScaling): number {
  const { factor, attentionFactor, mscale, mscaleAllDim } = scaling;
  if (attentionFactor !== undefined) return attentionFactor;
  const magnitude = (scale: number) => (factor > 1 ? 0.1 * scale * Math.log(factor) + 1 : 1);
  if (mscale !== undefined && mscaleAllDim !== undefined) return magnitude(mscale) / magnitude(mscaleAllDim);
  return magnitude(1);
}
