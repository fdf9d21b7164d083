// A real VS Code without a desktop: code-server from npm, its addons compiled against the pinned Node.js.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasApt, installPackages, missingPackages } from './apt.mjs';
import { runNpm, sayStep, SetupError } from './command.mjs';
import {
  codeServerDirectory,
  codeServerEntry,
  codeServerVersion,
  nodeHome,
  nodeVersion,
  readStamp,
  toolEnvironment,
} from './places.mjs';

const stamp = join(codeServerDirectory, '.finished');
// Its kerberos addon wants the headers of krb5; the rest is node-gyp's own need.
const buildPackages = ['libkrb5-dev', 'python3', 'make', 'g++'];

/** True when something was missing and was installed. */
export async function setUpCodeServer() {
  const key = `${codeServerVersion} node ${nodeVersion}`;
  if (readStamp(stamp) === key && existsSync(codeServerEntry)) return false;
  if (process.platform === 'win32')
    throw new SetupError(
      'code-server does not run on Windows: put the "code" command of a desktop VS Code on PATH.',
    );
  if (hasApt()) {
    const missing = missingPackages(buildPackages);
    if (missing.length > 0) await installPackages(missing, { why: "to build VS Code's server", seconds: 30 });
  }
  sayStep(`Installing VS Code's server, code-server ${codeServerVersion}`, 120);
  rmSync(codeServerDirectory, { recursive: true, force: true });
  mkdirSync(codeServerDirectory, { recursive: true });
  writeFileSync(
    join(codeServerDirectory, 'package.json'),
    '{ "name": "vscode-for-hearth", "private": true }\n',
  );
  await runNpm(
    'code-server',
    [
      'install',
      `code-server@${codeServerVersion}`,
      '--no-save',
      '--no-audit',
      '--no-fund',
      '--foreground-scripts',
    ],
    {
      cwd: codeServerDirectory,
      env: toolEnvironment({ npm_config_nodedir: nodeHome }),
    },
  );
  if (!existsSync(codeServerEntry))
    throw new SetupError(`code-server ${codeServerVersion} was installed without its entry file.`);
  writeFileSync(stamp, key);
  return true;
}
