// `tune`: measures the variants of kernels for a model on this device, whatever was kept, and keeps the best.
import { measureVariants, tuningLines } from '../tuning/variants.ts';
import { withModel, type ModelLoading } from './with_model.ts';

/** Prints every variant with its time, the chosen ones starred; as lines or as JSON. */
export async function runTune({
  model: path,
  load,
  json,
}: {
  model: string;
  load: ModelLoading;
  json: boolean;
}): Promise<void> {
  await withModel(
    path,
    async model => {
      const tuning = await measureVariants(model);
      const device = model.gpu.facts.name;
      process.stdout.write(
        json
          ? `${JSON.stringify({ device, ...tuning })}\n`
          : `${[device, ...tuningLines(tuning)].join('\n')}\n`,
      );
    },
    { ...load, variants: undefined },
  );
}
