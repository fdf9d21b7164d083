// A Vulkan device for Dawn. On Linux without one: Mesa's software Vulkan, 23 or newer (Dawn refuses older ones).
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { candidateVersion, enableBackports, hasApt, installPackages } from './apt.mjs';
import { SetupError } from './command.mjs';
import { nodePath, readStamp, root, toolsDirectory } from './places.mjs';

const stamp = join(toolsDirectory, 'vulkan');
const probe = join(root, 'scripts', 'setup', 'vulkan_probe.mjs');
const probeLimitMs = 60_000;
const packages = ['mesa-vulkan-drivers', 'libvulkan1'];

/** True when something was missing and was installed. */
export async function setUpVulkan() {
  if (process.platform !== 'linux') return false;
  if (readStamp(stamp) === driverKey() || hasDevice()) return false;
  const why = 'for a Vulkan device (Mesa 23 or newer)';
  const version = hasApt() ? await candidateVersion(packages[0]) : '';
  const suite = isTooOld(version) ? await enableBackports(packages, { why }) : undefined;
  await installPackages(packages, { why, suite, seconds: 15 });
  if (!hasDevice())
    throw new SetupError(
      'There is still no Vulkan device after the installation of Mesa. Is libvulkan.so.1 the right one?',
    );
  return true;
}

/** Asks Dawn in a process of its own: a broken driver may crash or hang. */
function hasDevice() {
  const { status } = spawnSync(nodePath, [probe], { cwd: root, timeout: probeLimitMs, stdio: 'ignore' });
  if (status === 0) writeFileSync(stamp, driverKey());
  return status === 0;
}

/** Changes whenever a Vulkan driver comes or goes, or another npm package is used. */
function driverKey() {
  const directories = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d'].filter(directory =>
    existsSync(directory),
  );
  const drivers = directories.flatMap(directory =>
    readdirSync(directory)
      .sort()
      .map(name => join(directory, name)),
  );
  return [...drivers, join(root, 'node_modules', 'webgpu', 'package.json')]
    .map(file => `${file} ${statSync(file).mtimeMs}`)
    .join('\n');
}

/** True for a version that is known and below what Dawn takes. It may start with an epoch: `1:22.3.6-1`. */
export function isTooOld(version) {
  return Number.parseInt(version.replace(/^\d+:/, ''), 10) < 23;
}
