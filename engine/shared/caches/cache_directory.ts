// Where what the engine keeps on the disk lies; the extension looks there too.
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where this user's caches lie; HEARTH_CACHE names another folder. */
export function cacheDirectory(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const named = environment['HEARTH_CACHE'];
  if (named) return named;
  if (platform === 'win32')
    return join(environment['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'hearth', 'cache');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'hearth');
  return join(environment['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'hearth');
}

/** Where the state of workspaces is kept. */
export function stateDirectory(): string {
  return join(cacheDirectory(), 'states');
}
/** How the names of its files end. */
export const stateSuffix = '.state';
