// Which variants of kernels a loaded model runs: those kept from before, else measured now, and kept once the model has run with them.
// A software device is not measured: what it likes is known, and compiling every variant would take it longer than it ever saves.
import { warmUp, type VariantChoice } from '../model/load.ts';
import type { Qwen3Next } from '../model/qwen3_next.ts';
import { TuningStore, tuningKey } from './store.ts';
import { tune, type TuneOptions, type Tuning } from './tune.ts';

/**
 * For loadModel: variants kept in `store`, else measured, and kept there once the model has run with them. Variants with which it does
 * not run are dropped: the next load measures anew. A folder that cannot be written is only logged.
 */
export function keptVariants(store = new TuningStore(), options: TuneOptions = {}): VariantChoice {
  let isNew = false;
  return {
    async useKnown(model) {
      const { gpu } = model;
      isNew = false;
      if (gpu.software) return true;
      const variant = await store.read(tuningKey(gpu, model));
      if (variant) gpu.variant = variant;
      return variant !== undefined;
    },
    async measure(model) {
      const tuning = await tune(model, options);
      model.gpu.variant = tuning.variant;
      isNew = true;
      console.error(
        `variants of kernels measured in ${tuning.ms.toFixed(0)} ms: ${tuningLines(tuning).join('; ')}`,
      );
    },
    async proved(model) {
      if (isNew) await keepVariant(model, store);
    },
    async failed(model) {
      await store
        .drop(tuningKey(model.gpu, model))
        .catch((error: unknown) =>
          console.error(`the choice of variants could not be dropped: ${String(error)}`),
        );
    },
  };
}

/** Measures variants on the model's own weights, sets them for its device, and keeps them when it runs with them. Throws what warmUp() throws. */
export async function measureVariants(
  model: Qwen3Next,
  store = new TuningStore(),
  options: TuneOptions = {},
): Promise<Tuning> {
  const tuning = await tune(model, options);
  model.gpu.variant = tuning.variant;
  await model.compile();
  await warmUp(model);
  await keepVariant(model, store);
  return tuning;
}

/** Keeps the variant in force for a model. A folder that cannot be written is only logged. */
export async function keepVariant(model: Qwen3Next, store = new TuningStore()): Promise<void> {
  const { gpu } = model;
  await store
    .write(tuningKey(gpu, model), gpu.variant)
    .catch((error: unknown) => console.error(`the choice of variants could not be kept: ${String(error)}`));
}

/** One line for each variant: what it is, and how fast or why not. */
export function tuningLines({ measured }: Tuning): string[] {
  return measured.map(({ part, variant, us, dropped, chosen }) => {
    const told = dropped ?? (us === undefined ? 'not tried' : `${us.toFixed(0)} µs`);
    return `${chosen ? '* ' : ''}${part} ${Object.entries(variant)
      .map(([name, value]) => `${name} ${String(value)}`)
      .join(', ')}: ${told}`;
  });
}
