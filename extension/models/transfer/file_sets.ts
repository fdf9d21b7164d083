// Which files of a repository or folder make up one model: the parts of a GGUF, or a safetensors directory.
import { phrase, type Phrase } from '../../../engine/protocol/phrase.ts';
import { modelErrors } from '../errors.ts';

export interface NamedFile {
  /** With `/` between folders. */
  path: string;
  bytes: number;
}
export interface FileSet<T extends NamedFile> {
  kind: 'gguf' | 'safetensors';
  /** E.g. "Q4_K_M" or "safetensors". */
  label: string;
  files: T[];
}

/** Says which file of a safetensors model holds which tensor. */
export const safetensorsIndexName = 'model.safetensors.index.json';
const partSuffix = /-(\d{5})-of-(\d{5})\.gguf$/i;
/** Parts for pictures, importance matrices, and MTP blocks by themselves, which the engine finds beside their model. */
const isNoModel = /(^|[/._-])(mmproj|imatrix)|(^|\/)mtp-[^/]*$/i;
const quantizationSuffix = /(?:^|[-._])((?:UD-)?(?:I?Q\d\w*|T?Q\d\w*|BF16|F16|F32|MXFP4\w*|NVFP4\w*))$/i;
/** Files besides the weights that the engine reads or that users expect. */
const companions = new Set([
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'chat_template.jinja',
  safetensorsIndexName,
]);

/**
 * Every model among `files`; sets with a missing part are left out. shards: the files that the index of a safetensors model names, where
 * that is known.
 */
export function fileSets<T extends NamedFile>(files: readonly T[], shards?: readonly string[]): FileSet<T>[] {
  const series = new Map<string, T[]>();
  for (const file of files) {
    if (!/\.gguf$/i.test(file.path) || isNoModel.test(file.path)) continue;
    const key = file.path.replace(partSuffix, '.gguf');
    series.set(key, [...(series.get(key) ?? []), file]);
  }
  const found: FileSet<T>[] = [...series]
    .filter(([, parts]) => missingPart(parts) === undefined)
    .map(([key, parts]) => ({ kind: 'gguf', label: labelOf(key), files: sorted(parts) }));
  const directory = safetensorsSet(files, shards);
  if (directory) found.push({ kind: 'safetensors', label: 'safetensors', files: directory });
  return found;
}

/** The set that patterns name. Throws hubNotFound when nothing matches, notAModel for parts without the rest. */
export function matchingSet<T extends NamedFile>(
  patterns: readonly string[],
  files: readonly T[],
  where: string,
  shards?: readonly string[],
): FileSet<T> {
  const tests = patterns.map(pattern => matcher(pattern));
  const matched = files.filter(({ path }) => tests.some(test => test(path)));
  if (matched.length === 0)
    throw modelErrors.hubNotFound(phrase`${patterns[0] ?? phrase`The file`} in ${where}`);
  const sets = fileSets(matched, shards);
  const [set] = sets;
  if (!set) throw modelErrors.notAModel(where, faultOf(matched));
  if (sets.length > 1) {
    const labels = sets.map(({ label }) => label).join(', ');
    throw modelErrors.notAModel(where, phrase`several models match (${labels})`);
  }
  return set;
}

/** A file name that is safe on every system. Throws notAModel for anything else. */
export function safeName(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const isSafe = /^[A-Za-z0-9_][A-Za-z0-9_.+ -]{0,200}$/.test(name) && !/[. ]$/.test(name);
  const isDevice = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name);
  if (!isSafe || isDevice) throw modelErrors.notAModel(path, phrase`its name cannot be used for a file here`);
  return name;
}

/** `*` stands for any characters; a pattern without `/` is compared with the name alone. */
function matcher(pattern: string): (path: string) => boolean {
  const source = pattern
    .split('*')
    .map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  const whole = new RegExp(`^${source}$`);
  return path => whole.test(pattern.includes('/') ? path : path.slice(path.lastIndexOf('/') + 1));
}

function safetensorsSet<T extends NamedFile>(
  files: readonly T[],
  named: readonly string[] | undefined,
): T[] | undefined {
  const top = files.filter(({ path }) => !path.includes('/'));
  const names = new Set(top.map(({ path }) => path));
  if (!names.has('config.json')) return undefined;
  const shards = named
    ? namedShards(top, named)
    : names.has(safetensorsIndexName)
      ? shardsByName(top)
      : top.filter(({ path }) => path === 'model.safetensors');
  if (shards.length === 0) return undefined;
  return sorted([...top.filter(({ path }) => companions.has(path)), ...shards]);
}

/** All that the index names, or none. */
function namedShards<T extends NamedFile>(files: readonly T[], named: readonly string[]): T[] {
  const found = files.filter(({ path }) => named.includes(path));
  return found.length === named.length ? found : [];
}

/** The one whole series of parts, "model-…" or "model.safetensors-…", as far as names tell. */
function shardsByName<T extends NamedFile>(files: readonly T[]): T[] {
  const parts = files.filter(({ path }) => /^model(\.safetensors)?-\d{5}-of-\d{5}\.safetensors$/.test(path));
  return parts.length > 0 && missingPart(parts) === undefined ? parts : [];
}

/** The number of the first missing part of a split file; 0 when the parts disagree. */
function missingPart(parts: readonly NamedFile[]): number | undefined {
  const numbers = parts.map(({ path }) => /-(\d{5})-of-(\d{5})\.\w+$/.exec(path));
  if (numbers.every(match => match === null)) return parts.length === 1 ? undefined : 0;
  const total = Number(numbers[0]?.[2]);
  if (numbers.some(match => Number(match?.[2]) !== total)) return 0;
  const have = new Set(numbers.map(match => Number(match?.[1])));
  for (let part = 1; part <= total; part++) if (!have.has(part)) return part;
  return have.size === total ? undefined : 0;
}

function faultOf(files: readonly NamedFile[]): Phrase {
  const gguf = files.filter(({ path }) => /\.gguf$/i.test(path));
  const part = missingPart(gguf);
  if (gguf.length > 0 && part) return phrase`part ${part} of a split file is missing`;
  return phrase`there is neither a .gguf file nor a config.json with .safetensors files`;
}

function labelOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.gguf$/i, '');
  return quantizationSuffix.exec(name)?.[1]?.toUpperCase() ?? name;
}

function sorted<T extends NamedFile>(files: T[]): T[] {
  return [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
}
