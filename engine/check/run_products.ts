// Runs the product checks of a model's matrices with the variants in force, and tells the kernels that compute something else.
import type { Gpu, TunedVariant } from '../gpu/device.ts';
import { CommandList } from '../gpu/dispatch.ts';
import type { PipelineSpec } from '../gpu/pipeline.ts';
import { reasonOf } from '../protocol/errors.ts';
import type { TunedPart } from '../tuning/candidates.ts';
import { toleranceOf } from '../tuning/tune.ts';
import type { MatrixUse } from './matrix_uses.ts';
import { ProductChecks, type ProductCheck } from './products.ts';

/** A kernel that does not compute what it should. */
export interface WrongKernel {
  kernel: string;
  format: string;
  columns: number;
  /** The tuned part whose variant it ran as; undefined: it has no variants. */
  part: TunedPart | undefined;
  /** How far it is off, as a share of the largest value; NaN for what is no number, undefined when it did not run at all. */
  error?: number;
  /** Why it did not run. */
  failure?: string;
}

/** Largest error of a decoded value's products, which are added up on the host: sums of f32 values. */
const decodingTolerance = 1e-5;

/**
 * Every kernel that is used for these matrices, or those of one tuned part, on generated ones. Kernels compile all at once; those that the model uses too need
 * not compile again. Throws deviceLost, outOfDeviceMemory.
 */
export async function wrongKernels(
  gpu: Gpu,
  uses: readonly MatrixUse[],
  only?: TunedPart,
): Promise<WrongKernel[]> {
  const all: { use: MatrixUse; checks: ProductChecks }[] = [];
  try {
    for (const use of uses) all.push({ use, checks: await ProductChecks.create(gpu, use) });
    const jobs = all.flatMap(({ use, checks: { checks } }) =>
      checks.filter(({ part }) => !only || part === only).map(check => ({ use, check })),
    );
    const compiled = await Promise.allSettled(jobs.map(({ check }) => compile(gpu, check)));
    gpu.check();
    const list = new CommandList(gpu);
    for (const [i, { check }] of jobs.entries()) if (compiled[i]?.status === 'fulfilled') check.record(list);
    list.submit();
    const wrong: WrongKernel[] = [];
    for (const [i, { use, check }] of jobs.entries()) {
      const { kernel, part } = check;
      const told = { kernel, format: use.format, columns: use.columns, part };
      const outcome = compiled[i] as PromiseSettledResult<void>;
      if (outcome.status === 'rejected') {
        wrong.push({ ...told, failure: reasonOf(outcome.reason) });
        continue;
      }
      const error = await check.error();
      if (!(error <= allowed(gpu, part))) wrong.push({ ...told, error });
    }
    gpu.check();
    return wrong;
  } finally {
    for (const { checks } of all) checks.dispose();
  }
}

/** Rounded tiles are used for products of batches only. */
function allowed(gpu: Gpu, part: TunedPart | undefined): number {
  if (part === undefined) return decodingTolerance;
  const { staged } = gpu.variant;
  const rounding: Partial<TunedVariant> =
    part === 'matmul' && gpu.variant.matmul === 'block' ? { staged } : {};
  return toleranceOf(rounding, gpu);
}

async function compile(gpu: Gpu, check: ProductCheck): Promise<void> {
  const specs: PipelineSpec[] = [];
  check.record(new CommandList(gpu, specs));
  await gpu.pipelines.prepare(specs);
}
