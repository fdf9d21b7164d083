// The extension in a VS Code of our own: installed when it is missing there or is another one than the package.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { digestOfFile } from './digest.mjs';
import { readStamp } from './setup/places.mjs';

const id = 'hearth.hearth';

/**
 * Calls `install` unless the extensions folder holds what is in the package already. True when it was called.
 * @param {object} options
 * @param {string} options.vsix the package
 * @param {string} options.extensions the folder of installed extensions
 * @param {() => unknown} options.install installs the package there
 */
export async function installOnce({ vsix, extensions, install }) {
  const stamp = join(extensions, '.hearth-package');
  const digest = digestOfFile(vsix);
  if (readStamp(stamp) === digest && isListed(extensions)) return false;
  rmSync(stamp, { force: true });
  await install();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, digest);
  return true;
}

/** True when VS Code's own list has the extension and its folder is there: a user may have removed it. */
function isListed(extensions) {
  const list = join(extensions, 'extensions.json');
  if (!existsSync(list)) return false;
  return JSON.parse(readFileSync(list, 'utf8')).some(
    ({ identifier, relativeLocation }) =>
      identifier?.id === id && existsSync(join(extensions, relativeLocation ?? '', 'package.json')),
  );
}
