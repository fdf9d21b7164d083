// The ignore file that a user keeps for all repositories (gitignore(5): core.excludesFile).
import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Its absolute path, as git's configuration names it, else git's own default; it need not exist. Starts git, if there is one. */
export async function globalExcludesFile(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const named = await promisify(execFile)(
    'git',
    ['config', '--global', '--get', '--path', 'core.excludesFile'],
    {
      env,
      timeout: 5_000,
    },
  ).catch(() => undefined); // No git, or nothing set: the default holds.
  const path = named?.stdout.trim();
  if (path) return path;
  return join(env['XDG_CONFIG_HOME'] || join(env['HOME'] ?? homedir(), '.config'), 'git', 'ignore');
}
