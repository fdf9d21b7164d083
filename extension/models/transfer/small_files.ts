// What the small files of a repository or folder say about its safetensors model: which files are its weights, and whether Hearth
// reads how they are stored. Whoever asks brings a way to read a small file, from the hub or from the disk.
import * as z from 'zod';
import { unreadQuantization } from '../../../engine/shared/architecture/quantization.ts';
import { phrase, type PhraseValue } from '../../../engine/protocol/phrase.ts';
import { modelErrors } from '../errors.ts';
import { fileSets, safetensorsIndexName, type FileSet, type NamedFile } from './file_sets.ts';

/** The text of a file of the listing. */
export type ReadText = (path: string) => Promise<string>;

const configName = 'config.json';
/** A larger file is no configuration. */
const configBytesMax = 1_000_000;
/** The index of the largest models is about 10 MB. */
const indexBytesMax = 64_000_000;
/** Tools that quantise and say so only in a file of their own. */
const quantizationFiles = new Map([
  ['hf_quant_config.json', 'modelopt'],
  ['quantize_config.json', 'gptq'],
  ['quant_config.json', 'awq'],
]);

const index = z.looseObject({ weight_map: z.record(z.string(), z.string()) });
const config = z.looseObject({});

/**
 * The files with the weights of a safetensors model, where their names do not tell: its index does. Undefined where they do, or where
 * there is no usable index.
 */
export async function shardsOf(
  files: readonly NamedFile[],
  readText: ReadText,
): Promise<readonly string[] | undefined> {
  const found = files.find(({ path }) => path === safetensorsIndexName);
  if (!found || found.bytes > indexBytesMax || !files.some(({ path }) => path === configName))
    return undefined;
  if (fileSets(files).some(({ kind }) => kind === 'safetensors')) return undefined;
  const parsed = index.safeParse(parsedJson(await readText(found.path)));
  return parsed.success ? [...new Set(Object.values(parsed.data.weight_map))] : undefined;
}

/** How the weights of a safetensors model are quantised, if Hearth does not read that. */
export async function quantizationOf(
  files: readonly NamedFile[],
  readText: ReadText,
): Promise<string | undefined> {
  const found = files.find(({ path }) => path === configName);
  if (!found || found.bytes > configBytesMax) return undefined;
  const parsed = config.safeParse(parsedJson(await readText(found.path)));
  if (!parsed.success) return undefined;
  const named = unreadQuantization(parsed.data);
  if (named !== undefined || parsed.data['quantization_config'] !== undefined) return named;
  return files.map(({ path }) => quantizationFiles.get(path)).find(method => method !== undefined);
}

/** Throws notAModel for a safetensors model with weights that Hearth does not read, before any of them is copied or fetched. */
export async function checkQuantization(
  what: PhraseValue,
  { kind }: Pick<FileSet<NamedFile>, 'kind'>,
  files: readonly NamedFile[],
  readText: ReadText,
): Promise<void> {
  const method = kind === 'safetensors' ? await quantizationOf(files, readText) : undefined;
  if (method !== undefined)
    throw modelErrors.notAModel(
      what,
      phrase`its weights are quantised (${method}) in a way that Hearth does not read`,
    );
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
