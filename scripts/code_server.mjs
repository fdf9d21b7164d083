// Starts a real VS Code (code-server) on the loopback address, with its own home, settings and extensions.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { writeUserSettings } from './editor_settings.mjs';
import { installOnce } from './installed_extension.mjs';
import { codeServerEntry, nodePath } from './setup/places.mjs';

const startLimitMs = 60_000;
const stopLimitMs = 8_000;

/**
 * @param {object} options
 * @param {string} options.directory where user data, extensions and logs go; made when missing
 * @param {string} options.folder the folder to open
 * @param {string} [options.vsix] installed first, as a user would
 * @param {number} [options.port] 0 or unset: a free one
 * @param {number} [options.preferredPort] taken instead of any free one, if it is free
 * @param {Record<string, unknown>} [options.settings] added to the user's settings
 * @param {boolean} [options.testHost] lets the workbench load a test suite named in its address
 * @param {NodeJS.ProcessEnv} [options.env] added to the environment of the server and all it starts
 * @param {(what: string, seconds: number) => void} [options.onStep] hears of each step and how long it may take
 */
export async function startCodeServer({
  directory,
  folder,
  vsix,
  port = 0,
  preferredPort = 0,
  settings = {},
  testHost = false,
  env = {},
  onStep = () => undefined,
}) {
  const userData = join(directory, 'data');
  const userSettings = writeUserSettings(userData, settings);
  const extensions = join(directory, 'extensions');
  const log = join(directory, 'server.log');
  const config = join(directory, 'config.yaml');
  writeFileSync(config, 'auth: none\ncert: false\n');
  const flags = ['--user-data-dir', userData, '--extensions-dir', extensions, '--config', config];
  const environment = {
    ...cleanEnvironment(),
    HOME: directory,
    XDG_RUNTIME_DIR: directory,
    EXTENSIONS_GALLERY: '{"serviceUrl":""}',
    ...env,
  };
  const install = () => {
    onStep('Installing the extension', 5);
    execFileSync(nodePath, [codeServerEntry, ...flags, '--install-extension', vsix, '--force'], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  };
  if (vsix) await installOnce({ vsix, extensions, install });

  onStep("Starting VS Code's server", 3);
  const chosenPort = port || (await freePort(preferredPort));
  const output = openSync(log, 'w');
  const server = spawn(
    nodePath,
    [
      ...[
        codeServerEntry,
        ...flags,
        '--bind-addr',
        `127.0.0.1:${chosenPort}`,
        '--auth',
        'none',
        '--disable-telemetry',
        '--disable-update-check',
      ],
      ...[
        '--disable-workspace-trust',
        '--disable-getting-started-override',
        ...(testHost ? ['--vscode-option', 'enable-smoke-test-driver'] : []),
      ],
    ],
    // A process group of its own: extension hosts and engines are ended with it.
    { env: environment, stdio: ['ignore', output, output], detached: true },
  );
  closeSync(output);
  const exited = new Promise(resolve => server.once('exit', resolve));
  server.once('error', () => undefined);
  const address = `http://127.0.0.1:${chosenPort}`;

  const stop = async () => {
    endGroup(server.pid, 'SIGTERM');
    await Promise.race([exited, delay(stopLimitMs, undefined, { ref: false })]);
    endGroup(server.pid, 'SIGKILL');
  };
  if (!(await answers(address, server))) {
    await stop();
    throw new Error(`VS Code's server did not start:\n${readFileSync(log, 'utf8').slice(-4000)}`);
  }
  return {
    port: chosenPort,
    log,
    userSettings,
    extensions,
    /** Resolves when the server has ended, for whatever reason. */
    exited,
    /** The address of the workbench. @param {[string, string][]} [payload] */
    url(payload = []) {
      const query = new URLSearchParams({ folder });
      if (payload.length > 0) query.set('payload', JSON.stringify(payload));
      return `${address}/?${query}`;
    },
    /** A path on this machine as the workbench names it. @param {string} path */
    remoteUri: path => `vscode-remote://127.0.0.1:${chosenPort}${path}`,
    stop,
  };
}

/** VS Code's own variables would turn its command line into a client of the surrounding VS Code. */
function cleanEnvironment() {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(VSCODE_.*|ELECTRON_.*|PASSWORD|HASHED_PASSWORD|PORT|NODE_OPTIONS)$/.test(name),
    ),
  );
}

async function answers(address, server) {
  for (
    const endMs = Date.now() + startLimitMs;
    Date.now() < endMs && server.exitCode === null && server.pid !== undefined;
  ) {
    const ok = await fetch(`${address}/healthz`).then(
      response => response.ok,
      () => false,
    );
    if (ok) return true;
    await delay(100);
  }
  return false;
}

/** The preferred port when nobody listens there, else any free one. */
function freePort(preferred = 0) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', error => (preferred ? resolve(freePort()) : reject(error)));
    probe.listen(preferred, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

function endGroup(pid, signal) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
