// One window works on a download at a time: a file with the process id, touched while the work goes on.
import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const name = 'owner';
const touchEveryMs = 20_000;
/** Not touched for so long, the owner is gone even if another program has its process id by now. */
const staleMs = 2 * 60_000;

/** Takes `folder`; undefined when another living process has it. Call the result to give it back. */
export async function claim(folder: string): Promise<(() => Promise<void>) | undefined> {
  if (await isClaimed(folder)) return undefined;
  const path = join(folder, name);
  await writeFile(path, String(process.pid));
  const timer = setInterval(() => {
    // A folder that was renamed or removed meanwhile has no owner any more.
    void utimes(path, new Date(), new Date()).catch(() => undefined);
  }, touchEveryMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await rm(path, { force: true });
  };
}

/** Whether another living process works on `folder`. */
export async function isClaimed(folder: string): Promise<boolean> {
  const path = join(folder, name);
  try {
    const pid = Number(await readFile(path, 'utf8'));
    if (pid === process.pid || Date.now() - (await stat(path)).mtimeMs > staleMs) return false;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user exists, but may not be signalled.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
