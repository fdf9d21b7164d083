// Whether a place on the disk lies in the open folders, wherever links lead. Pure, but for the look-up of links that it is given.

/** True when the real place of `path` is in the real place of one of the folders. */
export async function isInside(
  path: string,
  folders: readonly string[],
  realOf: (path: string) => Promise<string>,
): Promise<boolean> {
  const real = await realOf(path);
  for (const folder of folders) {
    const root = await realOf(folder);
    if (real === root || real.startsWith(/[\\/]$/.test(root) ? root : root + separatorOf(root))) return true;
  }
  return false;
}

function separatorOf(path: string): string {
  return path.includes('\\') && !path.startsWith('/') ? '\\' : '/';
}
