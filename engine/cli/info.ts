// `info`: the adapter, and the facts of a model.
import { withGpu, withModel } from './with_model.ts';
import type { DeviceFacts } from '../protocol/lifecycle.ts';

/** Prints the device and, with a model, its facts; as JSON or as lines. */
export async function runInfo({ model: path, json }: { model?: string; json: boolean }): Promise<void> {
  if (path === undefined) return withGpu(gpu => Promise.resolve(print({ device: gpu.facts }, json)));
  return withModel(path, (model, loadMs) =>
    Promise.resolve(
      print({ device: model.gpu.facts, model: { path, ...model.facts, loadMs: Math.round(loadMs) } }, json),
    ),
  );
}

function print(
  { device, model }: { device: DeviceFacts; model?: Record<string, unknown> },
  json: boolean,
): void {
  const variants = {
    lanes: device.software ? 8 : 64,
    loops: device.software ? 'rolled' : 'unrolled',
    deltaRule: 'recurrent',
    kv: 'f32',
  };
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
    ...model,
  };
  const lines = Object.entries(shown).map(([name, value]) => `${name.padEnd(34)} ${String(value)}`);
  process.stdout.write(`${lines.join('\n')}\n`);
}
