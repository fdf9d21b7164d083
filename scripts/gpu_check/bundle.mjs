// One folder that checks a GPU elsewhere: programs, Dawn for one platform, the embedded model and reference results. It needs Node.js there,
// and no network.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { build } from '../build.mjs';
import { binariesOf } from '../package_contents.mjs';
import { SetupError } from '../setup/command.mjs';
import { root } from '../setup/places.mjs';

/** More than this is not sent around. */
export const bundleBytesMax = 60 * 2 ** 20;
/** Of all reference results those that say most; one has every storage type. */
export const bundledFixtures = ['default', 'quants'];

const bundleName = 'hearth-gpu-check';

/** Makes the folder anew; resolves to its size. `platform` as VS Code names it. Throws SetupError where other things lie in it. */
export async function makeBundle(folder, platform) {
  const binaries = join('dist', binariesOf(platform));
  const library = join(root, 'node_modules', 'webgpu');
  if (!existsSync(join(library, binaries)))
    throw new SetupError(`The webgpu package has no binary for ${platform}.`);
  if (!isFree(folder))
    throw new SetupError(
      `${folder} holds something else, which would be lost. Name an empty or a new folder.`,
    );
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await build({ only: ['engine', 'bench'], outdir: join(folder, 'dist'), production: true });
  await build({ only: ['gpuCheck'], outdir: folder, production: true });
  const put = (from, ...to) => cpSync(from, join(folder, ...to), { recursive: true });
  for (const name of ['package.json', 'index.js', 'LICENSE.md', binaries])
    put(join(library, name), 'dist', 'node_modules', 'webgpu', name);
  put(join(root, 'media', 'model', 'hearth-tiny'), 'media', 'model', 'hearth-tiny');
  for (const name of bundledFixtures) put(join(root, 'test', 'golden', 'fixtures', name), 'fixtures', name);
  put(join(root, 'LICENSE'), 'LICENSE');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  writeFileSync(
    join(folder, 'package.json'),
    `${JSON.stringify({ name: bundleName, version, type: 'module', platform }, null, 2)}\n`,
  );
  writeFileSync(join(folder, 'README.md'), readme(platform));
  const bytes = sizeOf(folder);
  if (bytes > bundleBytesMax)
    throw new SetupError(
      `The folder for ${platform} takes ${(bytes / 2 ** 20).toFixed(1)} MiB, more than ${bundleBytesMax / 2 ** 20}.`,
    );
  return bytes;
}

/** True when nothing would be lost: there is no such folder, it is empty, or it was made here before. */
function isFree(folder) {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return true;
  const about = join(folder, 'package.json');
  return existsSync(about) && JSON.parse(readFileSync(about, 'utf8')).name === bundleName;
}

function sizeOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

function readme(platform) {
  return `# Hearth GPU check (${platform})

Checks whether this computer's GPU computes what Hearth needs, and how fast. With Node.js 22 or newer:

    node gpu-check.mjs

It takes at most ten minutes, needs no network, and writes \`gpu-report.md\` into this folder: the device with its driver,
what failed, and the speed. Attach that file to a bug report.
`;
}
