// Which files a plan is about: the hub is asked which they are and at which commit, or a folder is looked into.
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { errors } from '../../engine/protocol/errors.ts';
import { phrase } from '../../engine/protocol/phrase.ts';
import { modelErrors } from './errors.ts';
import { findVariant } from './catalogue.ts';
import type { CatalogueEntry } from '../../engine/shared/architecture/catalogue.ts';
import type { Hub } from './hub/hub.ts';
import { checkQuantization, shardsOf } from './transfer/small_files.ts';
import { fileSets, matchingSet, safeName, type FileSet, type NamedFile } from './transfer/file_sets.ts';
import {
  readNote,
  type DownloadChoice,
  type Plan,
  type PlanFile,
  type PlannedFiles,
} from './transfer/plan.ts';

export interface PlanningTools {
  hub: Hub;
  catalogue: readonly CatalogueEntry[];
}

/** What a choice is called before the hub has been asked. */
export function nameOf(choice: DownloadChoice, catalogue: readonly CatalogueEntry[]): string {
  if (choice.kind === 'catalogue') {
    const { entry } = findVariant(catalogue, choice);
    return `${entry.name} (${choice.quantization})`;
  }
  return `${choice.repository} (${choice.label})`;
}

/** The files of a plan as they are now. Throws badUsage for a plan that names neither a choice nor a folder. */
export async function findFiles(
  { choice, source }: Plan,
  tools: PlanningTools,
  signal: AbortSignal,
): Promise<PlannedFiles> {
  if (choice) return planDownload(choice, tools, signal);
  if (source !== undefined) return planImport(source);
  throw errors.badUsage(phrase`This download names no source.`);
}

/** Asks the hub. Where the catalogue names a hash, the hub must name the same one before a byte is fetched. */
async function planDownload(
  choice: DownloadChoice,
  { hub, catalogue }: PlanningTools,
  signal: AbortSignal,
): Promise<PlannedFiles> {
  const row = choice.kind === 'catalogue' ? findVariant(catalogue, choice) : undefined;
  const repository = choice.kind === 'repository' ? choice.repository : row?.entry.repository;
  if (!repository) throw errors.badUsage(phrase`This model comes with Hearth; there is nothing to fetch.`);
  const asked = choice.kind === 'repository' ? choice.revision : row?.entry.revision;
  const patterns = choice.kind === 'repository' ? choice.files : (row?.variant.files ?? []);
  const label = choice.kind === 'repository' ? choice.label : choice.quantization;
  const listing = await hub.list(repository, asked, signal);
  const readText = (path: string) => hub.readText(repository, listing.revision, path, signal);
  const shards = await shardsOf(listing.files, readText);
  const set = matchingSet(patterns, listing.files, repository, shards);
  await checkQuantization(repository, set, listing.files, readText);
  const files = set.files.map(({ path, bytes, hash }): PlanFile => {
    const name = safeName(path);
    const known = row?.variant.sha256?.[name] ?? row?.variant.sha256?.[path];
    if (known !== undefined && known !== hash.hex) throw modelErrors.hashMismatch(path, hash.hex, known);
    return { path, name, bytes, hash };
  });
  const { revision, licence } = listing;
  return {
    modelId: hubId(repository, label, revision),
    origin: {
      kind: 'hub',
      repository,
      revision,
      ...(choice.kind === 'catalogue'
        ? { entryId: choice.entryId, quantization: choice.quantization }
        : { quantization: label }),
    },
    licence: row?.entry.licence ?? licence,
    files,
  };
}

/** Looks into a folder. If Hearth's own note lies beside the files, it says which hashes they must have. */
export async function planImport(folder: string): Promise<PlannedFiles & { name: string }> {
  const files = await filesIn(folder);
  const note = await readNote(folder);
  if (note) {
    const have = new Set(files.map(({ path }) => path));
    const missing = note.files.find(({ name }) => !have.has(name));
    if (missing) throw modelErrors.notAModel(folder, phrase`${missing.name} is missing`);
    return {
      name: note.name,
      modelId: importedId(note.name, note.origin, note.files),
      origin: note.origin,
      licence: note.licence,
      files: note.files.map(({ name, bytes, hash }) => ({
        path: join(folder, name),
        name: safeName(name),
        bytes,
        hash,
      })),
    };
  }
  const readText = (path: string) => readFile(join(folder, path), 'utf8');
  const set = onlySet(folder, files, await shardsOf(files, readText));
  await checkQuantization(folder, set, files, readText);
  const [first] = set.files;
  const stem = set.kind === 'gguf' ? (first?.path ?? '').replace(/\.gguf$/i, '') : basename(folder);
  const name = stem.replace(/-\d{5}-of-\d{5}$/, '');
  return {
    name,
    modelId: importedId(name, undefined, set.files),
    origin: { kind: 'folder', path: folder },
    files: set.files.map(({ path, bytes }) => ({ path: join(folder, path), name: safeName(path), bytes })),
  };
}

/** The one model of a folder. Throws notAModel when there is none or more than one. */
export function onlySet(
  folder: string,
  files: readonly NamedFile[],
  shards?: readonly string[],
): FileSet<NamedFile> {
  const sets = fileSets(files, shards);
  const [set] = sets;
  if (sets.length > 1)
    throw modelErrors.notAModel(
      folder,
      phrase`it holds several models (${sets.map(({ files: [file] }) => file?.path ?? '').join(', ')}); choose the file of one`,
    );
  return set ?? matchingSet(['*'], files, folder);
}

/** Files of a folder itself, not of folders in it. */
export async function filesIn(folder: string): Promise<NamedFile[]> {
  try {
    const names = await readdir(folder);
    const found = await Promise.all(
      names.map(async path => ({ path, found: await stat(join(folder, path)).catch(() => undefined) })),
    );
    return found.flatMap(({ path, found: one }) => (one?.isFile() ? [{ path, bytes: one.size }] : []));
  } catch (error) {
    throw errors.fileUnreadable(folder, error);
  }
}

/** The commit is part of it: a newer one is installed beside the older one. */
function hubId(repository: string, label: string, revision: string): string {
  return idOf([...repository.split('/'), label, revision.slice(0, 8)]);
}

/** What came from the hub keeps its name; another model of the same name and size is taken for the same. */
function importedId(name: string, origin: Plan['origin'], files: readonly { bytes: number }[]): string {
  if (origin?.kind === 'hub') return hubId(origin.repository, origin.quantization ?? '', origin.revision);
  return idOf([name, 'imported', String(files.reduce((sum, { bytes }) => sum + bytes, 0))]);
}

/** A folder name from the parts of an origin. */
function idOf(parts: readonly string[]): string {
  const clean = parts.map(part => part.replace(/[^A-Za-z0-9.+_-]+/g, '-').replace(/^[.-]+|[.-]+$/g, ''));
  return clean
    .filter(part => part !== '')
    .join('--')
    .slice(0, 180);
}
