// Carries out one plan: finds out its files, makes sure of the space, fetches or copies them, checks their hashes and installs
// the model. Every step is written down when it is done, so that a later call, in this session or another, goes on from there.
import { constants } from 'node:fs';
import { access, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { HearthError } from '../../../engine/protocol/errors.ts';
import { phrase } from '../../../engine/protocol/phrase.ts';
import { t } from '../../l10n.ts';
import { modelErrors } from '../errors.ts';
import { checkGgufMagic } from '../gguf_magic.ts';
import type { Hub } from '../hub/hub.ts';
import { copyIntoPart } from './copy_file.ts';
import { diskReserveBytes, writingError, type Disk } from './disk.ts';
import { fetchFile, type FetchLimits } from './fetch_file.ts';
import { hashFile } from './hash.ts';
import type { ModelOnDisk } from './model_on_disk.ts';
import { bytesOnDisk, PartFile, removePart, removeSidecar, savedBytes } from './part_file.ts';
import type { Plan, PlanFile, PlannedFiles } from './plan.ts';
import type { ModelStore } from './store.ts';

export interface TransferTools {
  store: ModelStore;
  hub: Hub;
  disk: Disk;
  limits: FetchLimits;
  /** Finds out which files a plan is about. */
  findFiles(plan: Plan, signal: AbortSignal): Promise<PlannedFiles>;
}

/** Hears how far a transfer is; the counts are of the whole plan. */
export interface TransferProgress {
  planned(plan: Plan, bytesDone: number): void;
  /** Bytes that have just arrived. */
  arrived(bytes: number): void;
  verifying(bytesVerified: number): void;
  notice(text: string): void;
}

/** Returns the installed model, or throws. After an abort it throws the signal's reason and keeps what was fetched. */
export async function transfer(
  start: Plan,
  tools: TransferTools,
  progress: TransferProgress,
  signal: AbortSignal,
): Promise<ModelOnDisk> {
  let plan = start.files.length > 0 ? start : await resolvePlan(start, tools, signal);
  for (let changes = 0; ; changes++) {
    const { modelId } = plan;
    if (modelId !== undefined && (await tools.store.isInstalled(modelId)))
      throw modelErrors.modelBusy(phrase`${plan.name} is already there.`);
    try {
      return await install(plan, tools, progress, signal);
    } catch (error) {
      // A pinned commit never changes, but it disappears when the history of its repository is rewritten.
      const mayHaveChanged = error instanceof HearthError && error.code === 'hubNotFound';
      if (!mayHaveChanged || plan.kind !== 'download' || changes > 0) throw error;
      const fresh = await resolvePlan(plan, tools, signal);
      if (!hasChanged(plan, fresh)) throw error;
      plan = fresh;
      progress.notice(t('The files have changed on the hub; those that differ are fetched again.'));
    }
  }
}

/** Bytes of a plan that have arrived. */
export async function bytesDone(plan: Plan, store: ModelStore): Promise<number> {
  let sum = 0;
  for (const file of plan.files)
    sum += file.verified ? file.bytes : await savedBytes(partPath(plan, file, store), identityOf(file));
  return sum;
}

/** Disk space that a plan still needs. */
async function bytesToAllocate(plan: Plan, store: ModelStore): Promise<number> {
  let sum = 0;
  for (const file of plan.files)
    if (!file.verified)
      sum += Math.max(0, file.bytes - (await bytesOnDisk(partPath(plan, file, store), identityOf(file))));
  return sum;
}

/** The plan with all of its files; those that were verified already stay so. */
async function resolvePlan(plan: Plan, tools: TransferTools, signal: AbortSignal): Promise<Plan> {
  const planned = await tools.findFiles(plan, signal);
  const known = new Map(plan.files.map(file => [`${file.name} ${file.hash?.hex} ${file.bytes}`, file]));
  const files = planned.files.map(file => ({
    ...file,
    verified: known.get(`${file.name} ${file.hash?.hex} ${file.bytes}`)?.verified,
  }));
  const resolved = { ...plan, ...planned, files };
  await tools.store.savePlan(resolved);
  return resolved;
}

function hasChanged(before: Plan, now: Plan): boolean {
  const identity = (plan: Plan): string =>
    JSON.stringify([plan.modelId, plan.files.map(({ path, hash, bytes }) => [path, hash, bytes])]);
  return identity(before) !== identity(now);
}

/** Gets what is missing of a resolved plan, checks it and makes it a model. */
async function install(
  plan: Plan,
  tools: TransferTools,
  progress: TransferProgress,
  signal: AbortSignal,
): Promise<ModelOnDisk> {
  const { store, disk } = tools;
  const folder = store.stagingFolder(plan.id);
  for (const file of plan.files)
    if (file.verified && !(await isAnywhere(plan, file, store))) delete file.verified;
  const done = await bytesDone(plan, store);
  progress.planned(plan, done);
  const isWhole = done === plan.files.reduce((sum, { bytes }) => sum + bytes, 0);
  const need = (await bytesToAllocate(plan, store)) + diskReserveBytes;
  const free = await disk.freeBytes(folder);
  if (!isWhole && free !== undefined && need > free) throw modelErrors.diskFull(store.folder, need, free);
  await fetchFiles(plan, tools, progress, signal);
  await verifyFiles(plan, tools, progress, signal);
  const note = {
    version: 1 as const,
    name: plan.name,
    main: mainOf(plan.files),
    origin: plan.origin ?? { kind: 'folder' as const, path: plan.source ?? '' },
    licence: plan.licence,
    addedAt: new Date().toISOString(),
    verifiedAt: new Date().toISOString(),
    files: plan.files.map(({ name, bytes, verified, hash }) => ({
      name,
      bytes,
      hash: verified,
      fromHub: plan.origin?.kind === 'hub' && hash !== undefined,
    })),
  };
  return store.install(plan.id, plan.modelId ?? plan.id, note);
}

/** Downloads or copies what is missing of every file. */
async function fetchFiles(
  plan: Plan,
  { hub, limits, disk, store }: TransferTools,
  progress: TransferProgress,
  signal: AbortSignal,
): Promise<void> {
  const onBytes = (count: number): void => progress.arrived(count);
  for (const file of plan.files) {
    signal.throwIfAborted();
    if (file.verified) continue;
    const part = await PartFile.open(disk, partPath(plan, file, store), identityOf(file));
    try {
      if (plan.source !== undefined)
        await copyIntoPart({ from: file.path, bytes: file.bytes, part, onBytes }, signal);
      else if (plan.origin?.kind === 'hub' && file.hash) {
        const { repository, revision } = plan.origin;
        const hubFile = { path: file.path, bytes: file.bytes, hash: file.hash };
        await fetchFile({ hub, repository, revision, file: hubFile, part, limits, onBytes }, signal);
      }
    } finally {
      await part.close();
    }
  }
}

/** Hashes every file that is not verified yet. One with a wrong hash is removed, so that it is fetched again. */
async function verifyFiles(
  plan: Plan,
  { store }: TransferTools,
  progress: TransferProgress,
  signal: AbortSignal,
): Promise<void> {
  let before = 0;
  for (const file of plan.files) {
    progress.verifying(before);
    const part = partPath(plan, file, store);
    const whole = join(store.stagingFolder(plan.id), file.name);
    if (file.verified && (await isThere(whole))) {
      before += file.bytes;
      continue;
    }
    const algorithm = file.hash?.algorithm ?? 'sha256';
    const hex = await hashFile(part, algorithm, {
      signal,
      onBytes: bytes => progress.verifying(before + bytes),
    });
    if (file.hash && file.hash.hex !== hex) {
      await removePart(part);
      throw modelErrors.hashMismatch(file.name, hex, file.hash.hex);
    }
    await checkStart(part, file);
    // Written down before the file is renamed: if the process ends in between, the file is found under either name.
    file.verified = { algorithm, hex };
    await store.savePlan(plan);
    await rename(part, whole).catch((error: unknown) => {
      throw writingError(whole, error, 0);
    });
    await removeSidecar(part);
    before += file.bytes;
  }
  progress.verifying(before);
}

/** A file with the right hash can still be no model: a web page, or the pointer that git keeps for a large file. */
async function checkStart(path: string, { name, bytes }: PlanFile): Promise<void> {
  if (/\.gguf$/i.test(name)) await checkGgufMagic(path, name);
  else if (bytes < 1024 && (await readFile(path, 'utf8')).startsWith('version https://git-lfs'))
    throw modelErrors.notAModel(name, phrase`it is only the pointer that git keeps for a large file`);
}

/** The part of the model that is loaded: the first part of a GGUF; the folder of safetensors. */
function mainOf(files: readonly PlanFile[]): string {
  return files.find(({ name }) => /\.gguf$/i.test(name))?.name ?? '';
}

function partPath(plan: Plan, file: PlanFile, store: ModelStore): string {
  return join(store.stagingFolder(plan.id), `${file.name}.part`);
}

/** Whether a file is there under its own name, or still as a part. */
async function isAnywhere(plan: Plan, file: PlanFile, store: ModelStore): Promise<boolean> {
  const whole = join(store.stagingFolder(plan.id), file.name);
  return (await isThere(whole)) || isThere(partPath(plan, file, store));
}

function identityOf({ hash, bytes, path }: PlanFile): { bytes: number; hash: string } {
  return { bytes, hash: hash?.hex ?? path };
}

async function isThere(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}
