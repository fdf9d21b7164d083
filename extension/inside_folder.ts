// Whether a place on the disk lies in the open folders, wherever links lead. Pure, but for the look-up of links that it is given.

/** True when the real place of `path` is in the real place of one of the folders. */
export async function isInside(
  path: string,
  folders: readonly string[],
  realOf: (path: string) => Promise<string>,
): Promise<boolean> {
  const real = await realOf(path);
  for (const folder of folders) if (isWithin(real, await realOf(folder))) return true;
  return false;
}

/** True when a place is the folder or in it; both are real places, with all links followed. */
export function isWithin(place: string, folder: string): boolean {
  return place === folder || place.startsWith(/[\\/]$/.test(folder) ? folder : folder + separatorOf(folder));
}

function separatorOf(path: string): string {
  return path.includes('\\') && !path.startsWith('/') ? '\\' : '/';
}
