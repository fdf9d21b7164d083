// Makes the .vsix for this platform: the three programs, this platform's WebGPU binary, a Node.js to run the engine, and
// the embedded model; nothing else. A folder is staged first and checked file by file.
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './build.mjs';
import { digestOfFile, digestOfFolder } from './digest.mjs';
import { thirdPartyNotices } from './notices.mjs';
import {
  archiveEntries,
  archiveFaults,
  binariesOf,
  contentFaults,
  grammars,
  translations,
} from './package_contents.mjs';
import { runQuietly, say, sayStep, SetupError } from './setup/command.mjs';
import { nodePath, platform, readStamp, root, toolEnvironment, toolsDirectory } from './setup/places.mjs';
import { runScript, setup } from './setup.mjs';

/** The unpacked package: what is in the .vsix, usable as an extension folder. */
export const stageDirectory = join(root, 'dist', 'package');

const plainFiles = [
  'package.nls.json',
  ...translations,
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  '.vscodeignore',
];
const library = join(root, 'node_modules', 'webgpu');
const libraryBinaries = join('dist', binariesOf(platform));
const grammarsHome = join(root, 'node_modules', '@vscode', 'tree-sitter-wasm');
const engineLibrary = join('dist', 'node_modules', 'webgpu');

/** Names the last packed folder, its packer and the .vsix that came of them. */
const packedStamp = join(toolsDirectory, 'packed');

/**
 * Stages, checks and packs; returns the path of the .vsix. Needs `setup()`. It is always built anew, so that no change is
 * missed; when the result is what was packed the last time, the .vsix stays as it is.
 */
export async function makePackage() {
  sayStep('Building the extension', 5, { once: false });
  await stage();
  const { version } = manifest();
  const vsix = join(root, `hearth-${platform}-${version}.vsix`);
  const vsce = join(root, 'node_modules', '@vscode', 'vsce', 'vsce');
  const args = [
    vsce,
    'package',
    '--no-dependencies',
    '--allow-missing-repository',
    '--no-rewrite-relative-links',
    '--target',
    platform,
    '--out',
    vsix,
  ];
  const packer = digestOfFile(join(root, 'node_modules', '@vscode', 'vsce', 'package.json'));
  const source = JSON.stringify([digestOfFolder(stageDirectory), packer, args]);
  const stampOf = () => `${source}\n${digestOfFile(vsix)}`;
  if (existsSync(vsix) && readStamp(packedStamp) === stampOf()) return vsix;
  sayStep('Packing the extension', 10, { once: false });
  await runQuietly('vsce', nodePath, args, { cwd: stageDirectory, env: toolEnvironment() });
  refuse(archiveFaults(archiveEntries(readFileSync(vsix)), platform));
  writeFileSync(packedStamp, stampOf());
  return vsix;
}

async function stage() {
  rmSync(stageDirectory, { recursive: true, force: true });
  mkdirSync(stageDirectory, { recursive: true });
  const folders = await build({ outdir: join(stageDirectory, 'dist'), production: true });
  for (const name of plainFiles) copy(name);
  cpSync(join(root, 'media'), join(stageDirectory, 'media'), { recursive: true });
  stageEngineLibrary();
  for (const name of grammars.files)
    linkOrCopy(join(grammarsHome, name), join(stageDirectory, grammars.folder, name));
  const runtime = join('runtime', basename(nodePath));
  linkOrCopy(nodePath, join(stageDirectory, runtime));
  chmodSync(join(stageDirectory, runtime), 0o755);
  const notices = thirdPartyNotices(
    [...folders, 'node_modules/webgpu', 'node_modules/@vscode/tree-sitter-wasm'],
    join(library, libraryBinaries),
  );
  writeFileSync(join(stageDirectory, 'THIRD_PARTY_NOTICES.txt'), notices);
  writeFileSync(join(stageDirectory, 'package.json'), `${JSON.stringify(shippedManifest(), null, 2)}\n`);
  checkFiles();
}

/** The WebGPU package beside the engine's bundle, with only this platform's binary. */
function stageEngineLibrary() {
  if (!existsSync(join(library, libraryBinaries)))
    throw new SetupError(`The webgpu package has no binary for ${platform}.`);
  const names = [
    'package.json',
    'index.js',
    'LICENSE.md',
    ...readdirSync(join(library, libraryBinaries)).map(name => join(libraryBinaries, name)),
  ];
  for (const name of names) linkOrCopy(join(library, name), join(stageDirectory, engineLibrary, name));
}

function manifest() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
}

/** The manifest without what only developers need. */
function shippedManifest() {
  const {
    private: _private,
    scripts: _scripts,
    dependencies: _dependencies,
    devDependencies: _devDependencies,
    engines,
    ...kept
  } = manifest();
  return { ...kept, engines: { vscode: engines.vscode } };
}

function checkFiles() {
  const files = readdirSync(stageDirectory, { recursive: true, withFileTypes: true })
    .filter(entry => !entry.isDirectory())
    .map(entry => relative(stageDirectory, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
  refuse(contentFaults(files, platform));
}

function refuse(faults) {
  if (faults.length > 0) throw new SetupError(`The package is not right: ${faults.join('; ')}.`);
}

function copy(name) {
  if (!existsSync(join(root, name))) throw new SetupError(`${name} is missing; the package needs it.`);
  mkdirSync(dirname(join(stageDirectory, name)), { recursive: true });
  copyFileSync(join(root, name), join(stageDirectory, name));
}

/** Large files are linked where the file system can. */
function linkOrCopy(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await runScript(async () => {
    await setup();
    const vsix = await makePackage();
    say(`${relative(process.cwd(), vsix)}, ${(statSync(vsix).size / 2 ** 20).toFixed(1)} MiB`);
  });
