// When the files of a folder were changed last, by the history of its repository: times of files say only when they were checked out.
import { execFile } from 'node:child_process';

/** More commits say little about what is calm, and take long to list. */
const commitsMax = 5_000;
const deadlineMs = 10_000;
const outputBytesMax = 64 * 1024 * 1024;

export interface CommitTimes {
  /**
   * When a file was committed last, in milliseconds since 1970; 0 before the commits that were looked at. Undefined for a file that is
   * not in the repository or not as it was committed: its own time says more. Paths are relative, with forward slashes.
   */
  of(path: string): number | undefined;
}

/**
 * Asks git about a folder. Undefined where there is no git, no repository or no commit. Programs that the repository's own
 * configuration names are not started, but git reads that configuration: ask only for folders that the user trusts.
 */
export async function commitTimes(folder: string): Promise<CommitTimes | undefined> {
  const [tracked, changed, log] = await Promise.all([
    git(folder, ['ls-files', '-z']),
    // By times and object names alone: no filter of the repository is run.
    git(folder, ['diff-index', '--name-only', '-z', '--relative', '--ignore-submodules', 'HEAD']),
    git(folder, [
      'log',
      `--max-count=${commitsMax}`,
      '--format=%x01%ct',
      '--no-show-signature',
      '--name-only',
      '-z',
      '--no-renames',
      '--relative',
      '--',
      '.',
    ]),
  ]);
  if (tracked === undefined || changed === undefined || log === undefined) return undefined;
  const times = timesIn(log);
  const isTracked = new Set(tracked.split('\0'));
  const isChanged = new Set(changed.split('\0'));
  return { of: path => (isTracked.has(path) && !isChanged.has(path) ? (times.get(path) ?? 0) : undefined) };
}

/** Times by path in what git log says: after each time the files of that commit, newest first. */
function timesIn(log: string): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  let time = 0;
  for (const part of log.split('\0')) {
    const said = part.replace(/^\n/, '');
    if (said.startsWith('\x01')) time = Number(said.slice(1)) * 1000;
    else if (said !== '' && !times.has(said)) times.set(said, time);
  }
  return times;
}

/** What git prints; undefined when it fails, is not there or takes too long. */
function git(folder: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise(resolve => {
    execFile(
      'git',
      ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '-C', folder, ...args],
      {
        env: { ...process.env, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' },
        timeout: deadlineMs,
        maxBuffer: outputBytesMax,
        windowsHide: true,
      },
      (error, stdout) => resolve(error ? undefined : stdout),
    );
  });
}
