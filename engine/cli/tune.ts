// `tune`: measures the forms of kernels for a model on this device, whatever was kept, and keeps the best.
import { measureForms, tuningLines } from '../tuning/forms.ts';
import { withModel, type ModelLoading } from './with_model.ts';

/** Prints every form with its time, the chosen ones starred; as lines or as JSON. */
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
      const tuning = await measureForms(model);
      const device = model.gpu.facts.name;
      process.stdout.write(
        json
          ? `${JSON.stringify({ device, ...tuning })}\n`
          : `${[device, ...tuningLines(tuning)].join('\n')}\n`,
      );
    },
    { ...load, forms: undefined },
  );
}
