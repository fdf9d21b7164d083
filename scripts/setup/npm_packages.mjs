// Installs the project's npm packages when they are missing or package-lock.json has changed.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNpm, sayStep } from './command.mjs';
import { platform, readStamp, root, toolEnvironment } from './places.mjs';

const stamp = join(root, 'node_modules', '.hearth-lock');

/** True when something was missing and was installed. */
export async function setUpNpmPackages() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const key = `${createHash('sha256').update(lock).digest('hex')} ${platform}`;
  if (readStamp(stamp) === key) return false;
  const missing = !isInstalled(lock);
  if (missing) {
    sayStep('Installing the npm packages', 20);
    await runNpm('npm-ci', ['ci', '--no-audit', '--no-fund'], { env: toolEnvironment() });
  }
  writeFileSync(stamp, key);
  return missing;
}

/** True when npm's own list of installed packages has every package of the lock file that this platform takes. */
function isInstalled(lock) {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = JSON.parse(lock.toString('utf8')).packages;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === '' || optional || (installed[path]?.version === version && existsSync(join(root, path))),
  );
}
