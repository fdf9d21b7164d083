// Which of a device's subgroup matrices its kernels use. The extension is experimental (Dawn: chromium-experimental-subgroup-matrix);
// the types of @webgpu/types do not know it.

/** The feature's name. */
export const matrixFeature = 'chromium-experimental-subgroup-matrix' as GPUFeatureName;

/** A device with these features; should it be refused, then without the experimental one, which a driver may only claim to have. */
export async function withOrWithoutMatrices<T>(
  features: readonly GPUFeatureName[],
  request: (features: GPUFeatureName[]) => Promise<T>,
): Promise<T> {
  const proven = features.filter(feature => feature !== matrixFeature);
  if (proven.length === features.length) return request(proven);
  try {
    return await request([...features]);
  } catch (cause) {
    console.error(`the device was refused with subgroup matrices and is opened without: ${String(cause)}`);
    return request(proven);
  }
}

/** Products of `outputs` x `depth` weights and `depth` x `rows` activations, with sums in f32. */
export interface MatrixShape {
  outputs: number;
  rows: number;
  depth: number;
  /** Weights and activations in f16; else in f32. */
  halves: boolean;
}

/** As an adapter tells it: the left matrix has M rows, the right one N columns, K is what they share. */
export interface MatrixConfig {
  M: number;
  N: number;
  K: number;
  componentType: string;
  resultType: string;
}

/** Subgroups of a workgroup that multiply (variants/block_matrix). */
export const matrixTeams = 4;
/** Sizes have to divide this: what a team owns at the least, and a step of K. */
const partSize = 16;

/** The fastest usable shape: halves with f32 sums before f32, then the one that does most at once. Undefined: there is none. */
export function matrixShapeOf(
  configs: readonly MatrixConfig[],
  { hasF16, subgroupMaxSize, lanesMax }: { hasF16: boolean; subgroupMaxSize: number; lanesMax: number },
): MatrixShape | undefined {
  // Dawn wants a workgroup to be a multiple of the largest subgroup.
  if (subgroupMaxSize <= 0 || matrixTeams * subgroupMaxSize > lanesMax) return undefined;
  const divides = (size: number): boolean => size > 0 && partSize % size === 0;
  return configs
    .filter(
      ({ M, N, K, componentType, resultType }) =>
        [M, N, K].every(divides) &&
        resultType === 'f32' &&
        (componentType === 'f32' || (componentType === 'f16' && hasF16)),
    )
    .map(({ M, N, K, componentType }) => ({ outputs: M, rows: N, depth: K, halves: componentType === 'f16' }))
    .reduce<MatrixShape | undefined>(
      (best, one) => (best && rank(best) >= rank(one) ? best : one),
      undefined,
    );
}

function rank({ outputs, rows, depth, halves }: MatrixShape): number {
  return outputs * rows * depth + (halves ? partSize ** 3 : 0);
}
