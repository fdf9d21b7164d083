// Where prompt files and instruction files are looked for: the places that the settings of the editor's own chat name. Pure.

/** A folder to look into. `path` is relative to each open folder, to the user's home, or absolute. */
export interface Place {
  from: 'folder' | 'home' | 'root';
  path: string;
}

/** The place that is looked into unless the setting says no. */
export const promptsPlace = '.github/prompts';
export const instructionsPlace = '.github/instructions';

/** The places that `chat.promptFilesLocations` or `chat.instructionsFilesLocations` turns on, the usual one first. */
export function placesOf(setting: unknown, usual: string): Place[] {
  const entries = typeof setting === 'object' && setting !== null ? Object.entries(setting) : [];
  const wanted = new Map<string, boolean>([[usual, true]]);
  for (const [path, on] of entries) wanted.set(clean(path), on === true);
  return [...wanted].filter(([path, on]) => on && path !== '').map(([path]) => placeOf(path));
}

function placeOf(path: string): Place {
  if (path.startsWith('~/')) return { from: 'home', path: path.slice(2) };
  if (path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path)) return { from: 'root', path };
  return { from: 'folder', path };
}

/** Older settings end in a pattern for the files; the folder before it is meant. */
function clean(path: string): string {
  return path
    .trim()
    .replace(/(^|\/)(\*\*\/)?\*[^/]*$/, '')
    .replace(/^\.\//, '')
    .replace(/\/+$/, '');
}
