// The embedded model read on the device in the engine's programs, batches and few rows, and compared with its known logits; and where steps
// run ahead of the host, with drafts, compared with itself.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { openCheckpoint } from '../checkpoint/open_checkpoint.ts';
import { mediaFile } from '../checkpoint/package_media.ts';
import type { Gpu } from '../gpu/device.ts';
import { matvecRowsMax } from '../kernels/matvec.ts';
import { loadModel, type LoadedModel, type LoadModelOptions } from '../model/load.ts';
import { HearthError } from '../protocol/errors.ts';
import { draftsError } from './drafts_error.ts';

/** Some logits of some positions of a text, and the model file they belong to. */
const knownLogits = z.object({
  /** SHA-256 of the model's file. */
  model: z.string(),
  ids: z.array(z.number().int()),
  rows: z.array(
    z.object({
      position: z.number().int(),
      /** The largest logits' ids in order, then some others. */
      ids: z.array(z.number().int()),
      logits: z.array(z.number()),
    }),
  ),
});
export type KnownLogits = z.infer<typeof knownLogits>;

/** A model with its known logits. */
export interface KnownModel {
  path: string;
  logits: KnownLogits;
}

/** Programs whose logits are known: batches of a prompt, or few rows, as a text is written. */
const knownPrograms = ['batch', 'few rows'] as const;
type KnownProgram = (typeof knownPrograms)[number];
/** Few rows with drafts: they take the positions of a step from the device, so their model is loaded apart. */
const draftPrograms = ['drafts'] as const;
export type Program = KnownProgram | 'drafts';

/** A program whose logits are further off than rounding explains. */
export interface WrongProgram {
  program: Program;
  /** Of the worst logit; undefined when there were no numbers, or when it did not run at all. */
  error?: number;
  /** Why it did not run. */
  failure?: string;
}

/** Logits reach 16. Keys and values in halves cost up to 0.02, products of halves five times that; a wrong kernel costs far more. */
const logitErrorMax = 0.25;
/** Tokens that are read as one batch: more than one tile of products has. */
const batchTokens = 80;
/** Tokens that are read in few rows: as many as go at once, then single ones. */
const fewRowsTokens = 16;

const files = ['hearth-tiny-q8_0.gguf', 'hearth-tiny-logits.json'];

/** The embedded model, or undefined where it is missing or the logits beside it are of another file. Throws nothing. */
export async function embeddedModel(): Promise<KnownModel | undefined> {
  const [path, logitsPath] = files.map(name => mediaFile(`model/hearth-tiny/${name}`));
  return path && logitsPath ? knownModel(path, logitsPath) : undefined;
}

/** A model and the logits that are known of it; undefined when they do not belong together, or cannot be read. */
export async function knownModel(path: string, logitsPath: string): Promise<KnownModel | undefined> {
  try {
    const logits = knownLogits.parse(JSON.parse(await readFile(logitsPath, 'utf8')));
    const hash = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
    return hash === logits.model ? { path, logits } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Loads the model and reads its text in all programs, with the variants in force. Kernels that do not compile, and NaN, are wrong
 * programs. Throws deviceLost, outOfDeviceMemory, loadCancelled and what is wrong with the file.
 */
export async function wrongPrograms(
  gpu: Gpu,
  known: KnownModel,
  signal?: AbortSignal,
): Promise<WrongProgram[]> {
  const wrong: WrongProgram[] = [];
  for (const programs of [knownPrograms, draftPrograms])
    try {
      const errors = await logitErrors(gpu, known, { programs, signal });
      for (const { program, error } of errors)
        if (!(error <= logitErrorMax)) wrong.push({ program, ...(Number.isFinite(error) && { error }) });
    } catch (error) {
      if (!(error instanceof HearthError) || !['gpuError', 'badWeights'].includes(error.code)) throw error;
      wrong.push(...programs.map(program => ({ program, failure: error.message })));
    }
  return wrong;
}

/**
 * The largest error of each of the programs; drafts only where steps run ahead. Nothing of the model stays on the device. Throws what loadModel()
 * throws.
 */
export async function logitErrors(
  gpu: Gpu,
  { path, logits }: KnownModel,
  {
    programs = [...knownPrograms, ...draftPrograms],
    signal,
  }: { programs?: readonly Program[]; signal?: AbortSignal | undefined } = {},
): Promise<{ program: Program; error: number }[]> {
  const checkpoint = await openCheckpoint(path);
  const errors: { program: Program; error: number }[] = [];
  try {
    const options = { contextTokensMax: batchTokens, ...(signal && { signal }) };
    const read = knownPrograms.filter(program => programs.includes(program));
    if (read.length > 0)
      await withModel(gpu, checkpoint, options, async model => {
        for (const program of read) errors.push({ program, error: await logitError(model, logits, program) });
      });
    if (!gpu.software && programs.includes('drafts'))
      await withModel(gpu, checkpoint, { ...options, mtp: 'where it fits' }, async model => {
        if (model.draftsMax > 0)
          errors.push({
            program: 'drafts',
            error: await draftsError(model, logits.ids.slice(0, fewRowsTokens)),
          });
      });
    return errors;
  } finally {
    await checkpoint.close();
  }
}

async function withModel(
  gpu: Gpu,
  checkpoint: Checkpoint,
  options: LoadModelOptions,
  use: (model: LoadedModel) => Promise<void>,
): Promise<void> {
  const model = await loadModel(gpu, checkpoint, options);
  try {
    await use(model);
  } finally {
    model.dispose();
  }
}

/** The largest difference from the known logits of what one program reads; NaN for what is no number. */
async function logitError(model: LoadedModel, known: KnownLogits, program: KnownProgram): Promise<number> {
  const tokens = program === 'batch' ? batchTokens : fewRowsTokens;
  const sequence = await model.createSequence();
  try {
    const got: Float32Array[] = [];
    for (let at = 0; at < tokens;) {
      const count = program === 'batch' ? tokens : at === 0 ? matvecRowsMax : 1;
      const rows = await model.forward(sequence, known.ids.slice(at, at + count), 'all');
      for (let row = 0; row < count; row++)
        got.push(rows.subarray(row * model.vocabularySize, (row + 1) * model.vocabularySize));
      at += count;
    }
    let worst = 0;
    for (const { position, ids, logits } of known.rows.filter(row => row.position < tokens))
      for (const [i, id] of ids.entries())
        worst = Math.max(worst, Math.abs((got[position]?.[id] as number) - (logits[i] as number)));
    return worst;
  } finally {
    sequence.dispose();
  }
}
