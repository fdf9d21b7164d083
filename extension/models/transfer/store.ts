// The folder of models: one subfolder for each installed model, recognised by its note. Unfinished downloads lie apart under
// `.downloads`; when they are whole and checked, they are renamed into place.
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errors } from '../../../engine/protocol/errors.ts';
import { isClaimed, removeClaims } from './claim.ts';
import { writingError } from './disk.ts';
import { factsOfFile, type ModelOnDisk } from './model_on_disk.ts';
import { readNote, readPlan, writeNote, writePlan, type ModelNote, type Plan } from './plan.ts';

const stagingName = '.downloads';
/** A staging folder without a plan is left alone for a while: another window may just be making it. */
const leftoverAgeMs = 60 * 60_000;
/** While a virus scanner holds a new file, it cannot be renamed; a moment later it can. */
const renameAttempts = 6;

export class ModelStore {
  constructor(
    readonly folder: string,
    private readonly warn: (message: string) => void,
  ) {}

  stagingFolder(planId: string): string {
    return join(this.folder, stagingName, planId);
  }

  /** Models that are whole; anything else in the folder is ignored. */
  async installed(): Promise<ModelOnDisk[]> {
    const found: ModelOnDisk[] = [];
    for (const name of await subfolders(this.folder)) {
      const folder = join(this.folder, name);
      const note = await readNote(folder);
      if (!note) continue;
      const fault = await firstFault(folder, note);
      if (fault === undefined) found.push(describe(name, folder, note));
      else this.warn(`${folder} is not offered: ${fault}`);
    }
    return found;
  }

  /** Plans of earlier sessions and other windows; removes what was left over without one. */
  async plans(): Promise<{ plan: Plan; elsewhere: boolean }[]> {
    const found: { plan: Plan; elsewhere: boolean }[] = [];
    const staging = join(this.folder, stagingName);
    for (const name of await subfolders(staging)) {
      const folder = join(staging, name);
      const plan = await readPlan(folder);
      if (plan?.id === name) found.push({ plan, elsewhere: await isClaimed(folder) });
      else if (name.startsWith(removedPrefix) || Date.now() - (await stat(folder)).mtimeMs > leftoverAgeMs)
        await this.#discard(folder);
    }
    return found.sort((a, b) => (a.plan.createdAt < b.plan.createdAt ? -1 : 1));
  }

  /** Makes the staging folder of a plan, or writes down how far it is. */
  async savePlan(plan: Plan): Promise<void> {
    const folder = this.stagingFolder(plan.id);
    try {
      await mkdir(folder, { recursive: true });
    } catch (error) {
      throw writingError(folder, error, 0);
    }
    await writePlan(folder, plan);
  }

  /** Turns a staging folder with whole, checked files into an installed model, in one step. */
  async install(planId: string, modelId: string, note: ModelNote): Promise<ModelOnDisk> {
    const from = this.stagingFolder(planId);
    const to = join(this.folder, modelId);
    await writeNote(from, note);
    if (await readNote(to))
      // Another window has installed the same commit first.
      await this.#discard(from);
    else {
      await rm(to, { recursive: true, force: true });
      await renamePatiently(from, to);
      await rm(join(to, 'plan.json'), { force: true });
      await removeClaims(to);
    }
    return describe(modelId, to, (await readNote(to)) ?? note);
  }

  async isInstalled(modelId: string): Promise<boolean> {
    return (await readNote(join(this.folder, modelId))) !== undefined;
  }

  async setVerified(modelId: string, verifiedAt: string): Promise<void> {
    const folder = join(this.folder, modelId);
    const note = await readNote(folder);
    if (note) await writeNote(folder, { ...note, verifiedAt });
  }

  /** The model disappears for all windows at once; its files are deleted after that. */
  async remove(modelId: string): Promise<void> {
    const trash = this.stagingFolder(`${removedPrefix}${modelId}`);
    try {
      await mkdir(join(this.folder, stagingName), { recursive: true });
      await rm(trash, { recursive: true, force: true });
    } catch (error) {
      throw writingError(trash, error, 0);
    }
    await renamePatiently(join(this.folder, modelId), trash);
    await this.#discard(trash);
  }

  async removePlan(planId: string): Promise<void> {
    await this.#discard(this.stagingFolder(planId));
  }

  /** What cannot be removed now is removed at the next start. */
  async #discard(folder: string): Promise<void> {
    try {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    } catch (error) {
      this.warn(`${folder} could not be removed: ${String(error)}`);
    }
  }
}

const removedPrefix = 'removed-';

async function subfolders(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter(entry => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw errors.fileUnreadable(folder, error);
  }
}

/** What is wrong with the files of a note at first sight. */
async function firstFault(folder: string, note: ModelNote): Promise<string | undefined> {
  for (const { name, bytes } of note.files) {
    const size = await stat(join(folder, name)).then(
      found => found.size,
      () => undefined,
    );
    if (size !== bytes) return size === undefined ? `${name} is missing` : `${name} has another length`;
  }
  return undefined;
}

function describe(id: string, folder: string, note: ModelNote): ModelOnDisk {
  const { name, origin, addedAt, verifiedAt, licence } = note;
  return {
    id,
    name,
    path: note.main === '' ? folder : join(folder, note.main),
    bytes: note.files.reduce((sum, { bytes }) => sum + bytes, 0),
    origin,
    files: note.files.map(file => ({ ...factsOfFile(file.name, file), fromHub: file.fromHub })),
    addedAt,
    verifiedAt,
    licence,
    managed: true,
  };
}

async function renamePatiently(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await rename(from, to);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const passes = code === 'EPERM' || code === 'EBUSY' || code === 'EACCES';
      if (!passes || attempt === renameAttempts) throw writingError(to, error, 0);
      await new Promise(resolve => setTimeout(resolve, 100 * attempt));
    }
  }
}
