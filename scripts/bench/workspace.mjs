// `npm run bench -- workspace`: 200 questions of each of two lists about the sources of an npm package, and how long they take to be
// indexed. The package is fetched once and never reaches the product.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from '../build.mjs';
import { runNpm, runQuietly, say, SetupError } from '../setup/command.mjs';
import { nodePath, root, toolEnvironment, toolsDirectory } from '../setup/places.mjs';
import { setup } from '../setup.mjs';

/** BSD-3-Clause; 663 TypeScript files of a map renderer, with their tests. */
const source = {
  name: 'maplibre-gl',
  version: '6.17.0',
  sha512: '2chIZwpLGenoUQOcnm9Pk4SLbA8ppNFq8jlpXiq9vcYm3Y1wJ3fc82FL0GLwBaPYJCLzPv/mC46KEupVov75rQ==',
};

export async function measureWorkspace() {
  await setup();
  await build({ only: ['engine', 'workspaceBench'] });
  const directory = await sources();
  const program = join(root, 'dist', 'workspace_bench.mjs');
  const child = spawn(nodePath, [program, join(directory, 'package', 'src')], {
    cwd: root,
    stdio: 'inherit',
  });
  process.exitCode = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', code => resolve(code ?? 1));
  });
}

/** The folder the package was unpacked into. */
async function sources() {
  const { name, version, sha512 } = source;
  const directory = join(toolsDirectory, 'bench', `${name}-${version}`);
  if (existsSync(join(directory, 'package', 'package.json'))) return directory;
  say(`fetching ${name} ${version}`);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  await runNpm('bench-sources', ['pack', `${name}@${version}`], { cwd: directory, env: toolEnvironment() });
  const archive = `${name}-${version}.tgz`;
  const found = createHash('sha512')
    .update(readFileSync(join(directory, archive)))
    .digest('base64');
  if (found !== sha512) throw new SetupError(`${archive} is not what it was: its SHA-512 is ${found}.`);
  await runQuietly('bench-sources', 'tar', ['-xzf', archive], { cwd: directory });
  return directory;
}
