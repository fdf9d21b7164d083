// `info`: the adapter, and the facts of a model.
import type { Gpu } from '../gpu/device.ts';
import { withGpu, withModel, type ModelLoading } from './with_model.ts';

/** Prints the device with the variants its kernels take and, with a model, its facts; as JSON or as lines. */
export async function runInfo({
  model: path,
  load,
  json,
}: {
  model?: string;
  load?: ModelLoading;
  json: boolean;
}): Promise<void> {
  if (path === undefined) return withGpu(gpu => Promise.resolve(print(gpu, json)));
  return withModel(
    path,
    (model, loadMs) => {
      const { contextTokensMax } = model;
      const facts = { path, ...model.facts, contextTokensMax, loadMs: Math.round(loadMs) };
      return Promise.resolve(print(model.gpu, json, facts));
    },
    { ...load, mtp: true },
  );
}

function print({ facts: device, variant }: Gpu, json: boolean, model?: Record<string, unknown>): void {
  const variants = { lanes: device.software ? 8 : 64, unrolledLoops: !device.software, ...variant };
  if (json) {
    process.stdout.write(`${JSON.stringify({ device, variants, ...(model ? { model } : {}) }, null, 2)}\n`);
    return;
  }
  const { limits, features, ...facts } = device;
  const shown: Record<string, unknown> = {
    ...facts,
    features: features.join(' '),
    ...limits,
    ...variants,
    ...Object.fromEntries(Object.entries(model ?? {}).map(([name, value]) => [`model.${name}`, value])),
  };
  const lines = Object.entries(shown).map(([name, value]) => `${name.padEnd(34)} ${String(value)}`);
  process.stdout.write(`${lines.join('\n')}\n`);
}
