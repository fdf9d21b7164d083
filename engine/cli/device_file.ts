// A device's description in a file: JSON, measured by `predict --fit` or written by hand.
import { readFile, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { errors } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';
import type { PredictedDevice } from '../prediction/count_model.ts';
import { workKinds, type WorkKind } from '../shared/prediction/cost.ts';
import { variantSchema } from '../tuning/store.ts';

const positive = z.number().positive();
const count = z.number().int().min(1);
const arithmetic = z.strictObject(
  Object.fromEntries(workKinds.map(kind => [kind, positive])) as Record<WorkKind, typeof positive>,
);

const description = z.strictObject({
  name: z.string().min(1),
  bandwidthGBs: positive,
  gigaflops: z.strictObject({ batch: arithmetic, step: arithmetic }),
  launchMicros: z.number().min(0),
  encodeMicros: z.number().min(0),
  waitMicros: z.number().min(0),
  groupsInFlight: count,
  software: z.boolean(),
  traits: z.strictObject({
    subgroupLanes: z.number().int().min(0),
    storageBindingBytesMax: count,
    bufferBytesMax: count,
    storageBuffersPerStageMax: count,
    variant: variantSchema.partial(),
  }),
}) satisfies z.ZodType<PredictedDevice>;

/** Reads a description. Throws fileUnreadable, and badUsage naming the first field that is wrong. */
export async function readDevice(path: string): Promise<PredictedDevice> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw errors.fileUnreadable(path, cause);
  });
  return parseDevice(text, path);
}

/** The description in the text of a file. Throws badUsage naming the first field that is wrong. */
export function parseDevice(text: string, path: string): PredictedDevice {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw errors.badUsage(phrase`${path} is no description of a device: it is not JSON. ${remedy}`);
  }
  const found = description.safeParse(value);
  if (found.success) return found.data;
  const [issue] = found.error.issues;
  const keys = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const field = [...(issue?.path ?? []), ...keys].join('.') || 'the whole';
  throw errors.badUsage(
    phrase`${path} is no description of a device: ${field}: ${issue?.message ?? ''}. ${remedy}`,
  );
}

const remedy = 'engine -- predict --fit --device FILE measures a device and writes such a file.';

/** Writes a description. Throws fileUnwritable. */
export async function writeDevice(path: string, device: PredictedDevice): Promise<void> {
  await writeFile(path, `${JSON.stringify(device, null, 2)}\n`).catch((cause: unknown) => {
    throw errors.fileUnwritable(path, cause);
  });
}
