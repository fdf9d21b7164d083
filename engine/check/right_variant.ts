// Which variants of kernels compute what they should: where the ones in force do not, the device's usual ones and the plainest are tried.
import { defaultVariant, type Gpu, type TunedVariant } from '../gpu/device.ts';
import { candidatesFor, tunedParts, type TunedPart } from '../tuning/candidates.ts';

/** A variant that was given up for another. */
export interface DroppedVariant<Wrong> {
  part: TunedPart;
  variant: Partial<TunedVariant>;
  /** What was wrong with it. */
  wrong: readonly Wrong[];
}

export interface Settled<Wrong> {
  dropped: DroppedVariant<Wrong>[];
  /** What no variant computes rightly. */
  wrong: readonly Wrong[];
}

/**
 * Sets variants with which `check` finds nothing wrong, as far as there are any: part by part, and all plain in the end. Where none
 * helps, the variants in force stay. `partsOf`: which parts may be at fault for what is wrong.
 */
export async function settleVariant<Wrong>(
  gpu: Gpu,
  check: () => Promise<readonly Wrong[]>,
  partsOf: (wrong: Wrong) => readonly TunedPart[],
): Promise<Settled<Wrong>> {
  const dropped: DroppedVariant<Wrong>[] = [];
  let wrong = await check();
  const suspects = () => tunedParts.filter(part => wrong.some(one => partsOf(one).includes(part)));
  /** True when fewer things are wrong with these variants, which then stay. */
  const helps = async (parts: readonly TunedPart[], variant: TunedVariant): Promise<boolean> => {
    const before = gpu.variant;
    gpu.variant = variant;
    const still = await check();
    if (still.length >= wrong.length) {
      gpu.variant = before;
      return false;
    }
    for (const part of parts)
      dropped.push({
        part,
        variant: partOf(gpu, before, part),
        wrong: wrong.filter(one => partsOf(one).includes(part)),
      });
    wrong = still;
    return true;
  };
  for (const part of suspects())
    for (const other of othersFor(gpu, part)) {
      if (!suspects().includes(part)) break;
      await helps([part], { ...gpu.variant, ...other });
    }
  const left = suspects();
  if (left.length > 1) {
    const plain = left.map(part => candidatesFor(gpu)[part][0] ?? {});
    await helps(left, Object.assign({ ...gpu.variant }, ...plain) as TunedVariant);
  }
  return { dropped, wrong };
}

/** What the device usually runs, and the plainest variant, unless it runs them already. */
function othersFor(gpu: Gpu, part: TunedPart): Partial<TunedVariant>[] {
  const inForce = JSON.stringify(partOf(gpu, gpu.variant, part));
  const others = [partOf(gpu, defaultVariant(gpu), part), candidatesFor(gpu)[part][0] ?? {}];
  return others.filter(other => JSON.stringify(other) !== inForce);
}

/** What a variant says of one part. */
function partOf(gpu: Gpu, variant: TunedVariant, part: TunedPart): Partial<TunedVariant> {
  const names = Object.keys(candidatesFor(gpu)[part][0] ?? {}) as (keyof TunedVariant)[];
  return Object.fromEntries(names.map(name => [name, variant[name]]));
}
