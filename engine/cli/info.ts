// `info`: the GPUs of this machine, the one that is used, and the facts of a model.
import { dawnModeInForce, listAdapters } from '../gpu/dawn.ts';
import type { Gpu } from '../gpu/device.ts';
import { withGpu, withModel, type ModelLoading } from './with_model.ts';

/** Prints the GPUs there are, the one in use with the variants its kernels take and, with a model, its facts; as JSON or as lines. */
export async function runInfo({
  model: path,
  load,
  json,
  adaptersOnly,
}: {
  model?: string;
  load?: ModelLoading;
  json: boolean;
  /** Only lists the GPUs, and opens none. */
  adaptersOnly: boolean;
}): Promise<void> {
  if (adaptersOnly) return printAdapters(json);
  if (path === undefined) return withGpu(load?.device, gpu => print(gpu, json));
  return withModel(
    path,
    (model, loadMs) => {
      const { contextTokensMax } = model;
      const facts = { path, ...model.facts, contextTokensMax, loadMs: Math.round(loadMs) };
      return print(model.gpu, json, facts);
    },
    { ...load, mtp: true },
  );
}

async function printAdapters(json: boolean): Promise<void> {
  const adapters = await listAdapters({ mode: dawnModeInForce() });
  const lines = adapters.map(({ name, backend }) => `${name} (${backend})\n`);
  process.stdout.write(json ? `${JSON.stringify({ adapters })}\n` : lines.join(''));
}

async function print(
  { facts: device, variant }: Gpu,
  json: boolean,
  model?: Record<string, unknown>,
): Promise<void> {
  const adapters = await listAdapters({ mode: dawnModeInForce() });
  const variants = { lanes: device.software ? 8 : 64, unrolledLoops: !device.software, ...variant };
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ device, adapters, variants, ...(model ? { model } : {}) }, null, 2)}\n`,
    );
    return;
  }
  const { limits, features, ...facts } = device;
  const shown: Record<string, unknown> = {
    ...facts,
    features: features.join(' '),
    ...limits,
    adapters: adapters.map(({ name, backend }) => `${name} (${backend})`).join(', '),
    ...variants,
    ...Object.fromEntries(Object.entries(model ?? {}).map(([name, value]) => [`model.${name}`, value])),
  };
  const lines = Object.entries(shown).map(([name, value]) => `${name.padEnd(34)} ${String(value)}`);
  process.stdout.write(`${lines.join('\n')}\n`);
}
