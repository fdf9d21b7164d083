// Finds the conversations of a folder that was moved or renamed. The editor keeps what belongs to a workspace by its path; so a note in
// the storage of the user says, by the folder's own identity (device, inode and birth), where its conversations are.
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { reasonOf } from '../../../engine/protocol/errors.ts';

const noteSchema = z.object({ version: z.literal(1), workspace: z.string(), history: z.string() });

export interface FolderHistory {
  /** The folder, or the workspace file, that is open. */
  workspace: string;
  /** Where the editor has its conversations kept. */
  history: string;
  /** Folder of the notes, shared by all workspaces. */
  notes: string;
  warn(message: string): void;
}

/**
 * Brings conversations along when the workspace has been moved since they were written, and notes where they are now. A copy of a
 * folder, or a second one, takes nothing from the first.
 */
export async function followMovedFolder({ workspace, history, notes, warn }: FolderHistory): Promise<void> {
  try {
    // A number that a deleted folder had may be given to a new one, so the time counts too.
    const { dev, ino, birthtimeNs } = await stat(workspace, { bigint: true });
    const name = createHash('sha256').update(`${dev}:${ino}:${birthtimeNs}`).digest('hex').slice(0, 32);
    const path = join(notes, `${name}.json`);
    const note = await readNote(path);
    if (note && note.history !== history && !(await exists(note.workspace)) && (await exists(note.history)))
      await moveFolder(note.history, history);
    await mkdir(notes, { recursive: true });
    await writeFile(`${path}.${process.pid}`, JSON.stringify({ version: 1, workspace, history }));
    await rename(`${path}.${process.pid}`, path);
  } catch (error) {
    warn(`Conversations of a moved folder could not be looked for: ${reasonOf(error)}`);
  }
}

async function readNote(path: string): Promise<z.output<typeof noteSchema> | undefined> {
  try {
    const note = noteSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
    return note.success ? note.data : undefined;
  } catch {
    // None yet, or damaged: it is written anew.
    return undefined;
  }
}

/** Nothing that is at the new place already is replaced. */
async function moveFolder(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await cp(from, to, { recursive: true, force: false });
  await rm(from, { recursive: true });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
