// Carries out one plan: asks, makes sure of the space, fetches or copies the files, checks their hashes, installs the model.
// What is done is written down after every step, so that a later call, in this session or another, goes on from there.
import { constants } from 'node:fs';
import { access, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError, errors } from '../../../engine/protocol/errors.ts';
import { diskReserveBytes } from '../fit/advice.ts';
import { copyIntoPart } from './copy_file.ts';
import { writingError, type Disk } from './disk.ts';
import { fetchFile, type FetchLimits } from './fetch_file.ts';
import { hashFile } from './hash.ts';
import type { Hub } from '../hub/hub.ts';
import { PartFile, removePart, removeSidecar, savedBytes, takenBytes } from './part_file.ts';
import type { Plan, PlanFile } from './plan.ts';
import { planDownload, planImport, type Planned } from './planning.ts';
import type { ModelStore } from './store.ts';
import type { CatalogueEntry, InstalledModel } from '../types.ts';

export interface TransferTools {
  store: ModelStore;
  hub: Hub;
  disk: Disk;
  limits: FetchLimits;
  catalogue: readonly CatalogueEntry[];
}

/** How far it is; the counts are of the whole plan. */
export interface TransferProgress {
  planned(plan: Plan, bytesDone: number): void;
  /** Bytes that have just arrived. */
  arrived(bytes: number): void;
  verifying(bytesVerified: number): void;
  notice(text: string): void;
}

/** Ends with an installed model or throws; after an abort it throws the signal's reason, keeping what is there. */
export async function transfer(
  start: Plan,
  tools: TransferTools,
  progress: TransferProgress,
  signal: AbortSignal,
): Promise<InstalledModel> {
  let plan = start.files.length > 0 ? start : await ask(start, tools, signal);
  for (let changes = 0; ; changes++) {
    const { modelId } = plan;
    if (modelId !== undefined && (await tools.store.isInstalled(modelId)))
      throw errors.modelBusy(plan.name, 'is already there');
    try {
      return await carryOut(plan, tools, progress, signal);
    } catch (error) {
      // A pinned commit does not change, but it can go away when a repository's history is rewritten.
      const mayHaveChanged = error instanceof EngineError && error.code === 'hubNotFound';
      if (!mayHaveChanged || plan.kind !== 'download' || changes > 0) throw error;
      const fresh = await ask(plan, tools, signal);
      if (!hasChanged(plan, fresh)) throw error;
      plan = fresh;
      progress.notice('The files changed on the hub meanwhile; what is different is fetched again.');
    }
  }
}

/** Bytes of a plan that are on the disk. */
export async function bytesOnDisk(plan: Plan, store: ModelStore): Promise<number> {
  let sum = 0;
  for (const file of plan.files)
    sum += file.verified ? file.bytes : await savedBytes(partPath(plan, file, store), identityOf(file));
  return sum;
}

/** Bytes that a plan will still take of the disk. */
async function bytesToTake(plan: Plan, store: ModelStore): Promise<number> {
  let sum = 0;
  for (const file of plan.files)
    if (!file.verified)
      sum += Math.max(0, file.bytes - (await takenBytes(partPath(plan, file, store), identityOf(file))));
  return sum;
}

async function ask(plan: Plan, tools: TransferTools, signal: AbortSignal): Promise<Plan> {
  let planned: Planned;
  if (plan.choice) planned = await planDownload(plan.choice, tools, signal);
  else if (plan.source !== undefined) planned = await planImport(plan.source);
  else throw errors.badUsage('This download does not say where from.');
  const known = new Map(plan.files.map(file => [`${file.name} ${file.hash?.hex} ${file.bytes}`, file]));
  const files = planned.files.map(file => ({
    ...file,
    verified: known.get(`${file.name} ${file.hash?.hex} ${file.bytes}`)?.verified,
  }));
  const asked = { ...plan, ...planned, files };
  await tools.store.savePlan(asked);
  return asked;
}

function hasChanged(before: Plan, now: Plan): boolean {
  const identity = (plan: Plan): string =>
    JSON.stringify([plan.modelId, plan.files.map(({ path, hash, bytes }) => [path, hash, bytes])]);
  return identity(before) !== identity(now);
}

async function carryOut(
  plan: Plan,
  tools: TransferTools,
  progress: TransferProgress,
  signal: AbortSignal,
): Promise<InstalledModel> {
  const { store, disk } = tools;
  const folder = store.stagingFolder(plan.id);
  for (const file of plan.files)
    if (file.verified && !(await isAnywhere(plan, file, store))) delete file.verified;
  const done = await bytesOnDisk(plan, store);
  progress.planned(plan, done);
  const isWhole = done === plan.files.reduce((sum, { bytes }) => sum + bytes, 0);
  const need = (await bytesToTake(plan, store)) + diskReserveBytes;
  const free = await disk.freeBytes(folder);
  if (!isWhole && free !== undefined && need > free) throw errors.diskFull(store.folder, need, free);
  for (const file of plan.files) {
    signal.throwIfAborted();
    if (!file.verified) await bring(plan, file, tools, progress, signal);
  }
  await check(plan, tools, progress, signal);
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

async function bring(
  plan: Plan,
  file: PlanFile,
  tools: TransferTools,
  progress: TransferProgress,
  signal: AbortSignal,
): Promise<void> {
  const { hub, limits, disk, store } = tools;
  const part = await PartFile.open(disk, partPath(plan, file, store), identityOf(file));
  const onBytes = (count: number): void => progress.arrived(count);
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

/** Hashes every file that was not yet found right; a wrong one is dropped, so that it is fetched again. */
async function check(
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
      throw errors.hashMismatch(file.name, hex, file.hash.hex);
    }
    await checkStart(part, file);
    // Written down first: should this end here, the file is found by either name and not fetched again.
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

/** Right bytes of a wrong thing are no model either: a web page, or the pointer that git keeps for a large file. */
async function checkStart(path: string, { name, bytes }: PlanFile): Promise<void> {
  if (/\.gguf$/i.test(name)) {
    const handle = await open(path, 'r');
    try {
      const start = Buffer.alloc(4);
      await handle.read(start, 0, 4, 0);
      if (start.toString('latin1') !== 'GGUF')
        throw errors.notAModel(name, 'it does not begin like a GGUF file');
    } finally {
      await handle.close();
    }
  } else if (bytes < 1024 && (await readFile(path, 'utf8')).startsWith('version https://git-lfs'))
    throw errors.notAModel(name, 'it is only the pointer that git keeps for a large file');
}

/** The part of the model that is loaded: the first part of a GGUF; the folder of safetensors. */
function mainOf(files: readonly PlanFile[]): string {
  return files.find(({ name }) => /\.gguf$/i.test(name))?.name ?? '';
}

function partPath(plan: Plan, file: PlanFile, store: ModelStore): string {
  return join(store.stagingFolder(plan.id), `${file.name}.part`);
}

/** Under its own name, or still as a part. */
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
