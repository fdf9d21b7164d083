// Only one process works on a download at a time. A claim is a file with the process id, touched while the work goes on. Every
// new claim gets the next number; only the highest number counts. Numbers never go down, so two processes that find the same
// claim abandoned compete for one file name, and the file system lets only one of them create it.
import { open, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const touchEveryMs = 20_000;
/** A claim that was not touched for this long is abandoned, even if another program has its process id by now. */
const staleMs = 2 * 60_000;
/** Content of a claim that was given back. */
const released = 'released';

const claimName = /^owner(?:\.(\d+))?$/;
const pathOf = (folder: string, number: number): string =>
  join(folder, number === 0 ? 'owner' : `owner.${number}`);

/**
 * Claims `folder` for this process; undefined when another living process has it. Call the result to give the folder back;
 * that never rejects.
 */
export async function claim(folder: string): Promise<(() => Promise<void>) | undefined> {
  const last = (await claimNumbers(folder)).at(-1);
  if (last !== undefined && (await isHeld(pathOf(folder, last)))) return undefined;
  const number = last === undefined ? 0 : last + 1;
  const path = pathOf(folder, number);
  try {
    await writeFile(path, String(process.pid), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
  const numbers = await claimNumbers(folder);
  if (numbers.at(-1) !== number) {
    // Since the first look, others have claimed and given back the folder under this number, and claimed it under the next.
    await removeQuietly(path);
    return undefined;
  }
  for (const older of numbers.slice(0, -1)) await removeQuietly(pathOf(folder, older));
  const timer = setInterval(() => {
    // Fails when the folder was renamed or removed meanwhile; nobody needs the claim then.
    void utimes(path, new Date(), new Date()).catch(() => undefined);
  }, touchEveryMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    // Where this fails the claim becomes stale by itself.
    await overwrite(path, released).catch(() => undefined);
  };
}

/** Whether another living process works on `folder`. */
export async function isClaimed(folder: string): Promise<boolean> {
  const last = (await claimNumbers(folder)).at(-1);
  return last !== undefined && isHeld(pathOf(folder, last));
}

/** Removes what claims have left in `folder`, which must no longer be one that others may claim. */
export async function removeClaims(folder: string): Promise<void> {
  for (const number of await claimNumbers(folder)) await rm(pathOf(folder, number), { force: true });
}

/** In ascending order; empty when the folder is not there. */
async function claimNumbers(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch(() => []);
  const matches = names.map(name => claimName.exec(name)).filter(match => match !== null);
  return matches.map(([, digits]) => Number(digits ?? 0)).sort((a, b) => a - b);
}

async function isHeld(path: string): Promise<boolean> {
  try {
    const content = await readFile(path, 'utf8');
    if (content === released || Date.now() - (await stat(path)).mtimeMs > staleMs) return false;
    // Its owner has created it and is about to write its process id.
    if (content === '') return true;
    const pid = Number(content);
    if (pid === process.pid) return false;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user exists, but may not be signalled.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function overwrite(path: string, content: string): Promise<void> {
  // Not `w`: a claim that is gone must not come back.
  const file = await open(path, 'r+');
  try {
    await file.truncate();
    await file.write(content, 0);
  } finally {
    await file.close();
  }
}

async function removeQuietly(path: string): Promise<void> {
  // A lower number counts for nothing, so it may as well stay.
  await rm(path, { force: true }).catch(() => undefined);
}
