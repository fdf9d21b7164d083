// The plan of a download or an import and what is done of it, as kept on disk between sessions; and the note that makes a folder
// an installed model.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { replaceText } from './disk.ts';

const hash = z.strictObject({ algorithm: z.enum(['sha256', 'git-sha1']), hex: z.string() });

const choice = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('catalogue'), entryId: z.string(), quantization: z.string() }),
  z.strictObject({
    kind: z.literal('repository'),
    repository: z.string(),
    revision: z.string().optional(),
    files: z.array(z.string()),
    label: z.string(),
  }),
]);

const planFile = z.strictObject({
  /** In the repository, or on the disk it is imported from. */
  path: z.string(),
  name: z.string(),
  bytes: z.number().int().min(0),
  /** Absent for an import without a note: then the file is taken as it is. */
  hash: hash.optional(),
  /** The hash that was found, once the file is whole and right. */
  verified: hash.optional(),
});

const origin = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('hub'),
    repository: z.string(),
    revision: z.string(),
    entryId: z.string().optional(),
    quantization: z.string().optional(),
  }),
  z.strictObject({ kind: z.literal('folder'), path: z.string() }),
]);

const plan = z.strictObject({
  version: z.literal(1),
  id: z.string(),
  kind: z.enum(['download', 'import']),
  name: z.string(),
  choice: choice.optional(),
  source: z.string().optional(),
  createdAt: z.string(),
  /** Everything below is there once the hub or the folder has been asked. */
  modelId: z.string().optional(),
  origin: origin.optional(),
  licence: z.string().optional(),
  files: z.array(planFile),
});

/** The name of the file or folder that is loaded, relative to the model's folder; empty: the folder itself. */
const note = z.strictObject({
  version: z.literal(1),
  name: z.string(),
  main: z.string(),
  origin,
  licence: z.string().optional(),
  addedAt: z.string(),
  verifiedAt: z.string().optional(),
  files: z
    .array(
      z.strictObject({
        name: z.string(),
        bytes: z.number().int().min(0),
        hash: hash.optional(),
        /** True: the hub named this hash and the file has it. */
        fromHub: z.boolean(),
      }),
    )
    .min(1),
});

/** What to fetch: a variant of a catalogue row, or files of any repository. */
export type DownloadChoice = z.infer<typeof choice>;
/** Where the files of a plan come from. */
export type HubOrFolder = z.infer<typeof origin>;
export type Plan = z.infer<typeof plan>;
/** The parts of a plan that only the hub or the folder knows; a folder also knows the name. */
export type PlannedFiles = Pick<Plan, 'modelId' | 'origin' | 'licence' | 'files'> & { name?: string };
export type PlanFile = z.infer<typeof planFile>;
export type ModelNote = z.infer<typeof note>;

const planName = 'plan.json';
export const noteName = 'hearth-model.json';

/** Undefined when there is none or it cannot be used. */
export function readPlan(folder: string): Promise<Plan | undefined> {
  return readChecked(join(folder, planName), plan);
}

export function writePlan(folder: string, value: Plan): Promise<void> {
  return replaceText(join(folder, planName), JSON.stringify(value, undefined, 1));
}

/** Undefined when there is none or it cannot be used. */
export function readNote(folder: string): Promise<ModelNote | undefined> {
  return readChecked(join(folder, noteName), note);
}

export function writeNote(folder: string, value: ModelNote): Promise<void> {
  return replaceText(join(folder, noteName), JSON.stringify(value, undefined, 1));
}

async function readChecked<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    // Missing or damaged: then the files beside it are leftovers and must not be offered.
    return undefined;
  }
}
