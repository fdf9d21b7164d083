// Every variant of the kernels that multiply by weights, with every storage type: more than any model needs, for reports about a device.
import type { Gpu, TunedVariant } from '../gpu/device.ts';
import { formatFacts, weightFormats, type WeightFormat } from '../kernels/weight_matrix.ts';
import { candidatesFor } from '../tuning/candidates.ts';
import type { MatrixUse } from './matrix_uses.ts';
import type { MatrixRole } from './products.ts';
import { wrongKernels, type WrongKernel } from './run_products.ts';

/** A kernel that is wrong, and the variant that it ran as. */
export type WrongVariant = WrongKernel & { variant: Partial<TunedVariant> };

export interface EveryKernel {
  /** Pairs of a storage type and a variant that were looked at, and that there are. */
  done: number;
  total: number;
  wrong: WrongVariant[];
}

const [heads, dim] = [8, 64];
const roles: Record<'decode' | 'matmul', readonly MatrixRole[]> = {
  decode: [
    { kind: 'projection' },
    { kind: 'output' },
    { kind: 'delta output', heads, dim, tileHeads: 0 },
    { kind: 'gate and up', experts: false },
    { kind: 'down', experts: false },
  ],
  matmul: [{ kind: 'projection' }, { kind: 'gate and up', experts: true }, { kind: 'down', experts: true }],
};

/**
 * Looks at one storage type after the other, the commonest first, until `limitMs` are over, one at least. A software device runs its own variants
 * only, with two types: every further one compiles for seconds. The variants in force stay. Throws deviceLost.
 */
export async function checkEveryKernel(gpu: Gpu, limitMs: number): Promise<EveryKernel> {
  const until = performance.now() + limitMs;
  const formats = [...new Set([...commonest, ...(Object.keys(weightFormats) as WeightFormat[])])];
  const candidates = candidatesFor(gpu);
  const jobs = formats.flatMap(format =>
    (['decode', 'matmul'] as const).flatMap(part => {
      if (gpu.software) return onSoftware.includes(format) ? [{ format, part, variant: {} }] : [];
      const variants =
        part === 'decode' ? [...candidates.decode, ...candidates.workgroups] : candidates.matmul;
      return variants.map(variant => ({ format, part, variant }));
    }),
  );
  const found: EveryKernel = { done: 0, total: jobs.length, wrong: [] };
  const before = gpu.variant;
  try {
    for (const { format, part, variant } of jobs) {
      if (found.done > 0 && performance.now() > until) break;
      gpu.variant = { ...before, ...variant };
      const wrong = await wrongKernels(gpu, usesOf(format, roles[part]), part);
      found.wrong.push(...wrong.map(one => ({ ...one, variant })));
      found.done++;
    }
  } finally {
    gpu.variant = before;
  }
  return found;
}

/** What most files hold. */
const commonest: readonly WeightFormat[] = ['Q4_K', 'Q6_K', 'Q8_0', 'F32', 'F16', 'BF16'];
const onSoftware: readonly WeightFormat[] = ['Q8_0', 'F32'];

function usesOf(format: WeightFormat, some: readonly MatrixRole[]): MatrixUse[] {
  const columns = 2 * Math.max(256, formatFacts(format).elements);
  return some.map(role => ({ role, format, columns }));
}
