// `npm start`: builds the package and opens it in a VS Code of its own with a small sample project: the desktop one when
// there is one, else a server on 127.0.0.1 whose address is printed. Ctrl+C ends everything. Option: --port N.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { startCodeServer } from './code_server.mjs';
import { writeUserSettings } from './editor_settings.mjs';
import { installOnce } from './installed_extension.mjs';
import { makePackage } from './package.mjs';
import { runQuietly, say, sayStep, SetupError } from './setup/command.mjs';
import { root, toolsDirectory } from './setup/places.mjs';
import { runScript, setup } from './setup.mjs';
import { modelText, serverText } from './start_text.mjs';

const directory = join(toolsDirectory, 'start');
const folder = join(directory, 'sample_workspace');
const isWindows = process.platform === 'win32';
/** A browser keeps what is open by address, so it should be the same each time. */
const preferredPort = 4690;

/** The sample's README is what is seen first. The sample lies inside this repository, which is not what it is about. */
const settings = {
  'workbench.startupEditor': 'readme',
  'git.openRepositoryInParentFolders': 'never',
};
/** Has the panel open with the window. */
const env = { HEARTH_OPEN_PANEL: '1' };
const onStep = (what, seconds) => sayStep(what, seconds, { once: false });

await runScript(async () => {
  const port = readPort(process.argv.slice(2));
  const desktop = hasDesktop();
  const installed = await setup({ vulkan: true, vscode: !desktop });
  if (!installed) say('Everything is set up already.');
  const vsix = await makePackage();
  mkdirSync(directory, { recursive: true });
  if (!existsSync(folder)) cpSync(join(root, 'test', 'sample_workspace'), folder, { recursive: true });
  await (desktop ? openDesktop(vsix) : serve(vsix, port));
});

function readPort(args) {
  const at = args.indexOf('--port');
  if (at < 0) return 0;
  const port = Number(args[at + 1]);
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new SetupError('--port wants a number from 1 to 65535.');
  return port;
}

/** A `code` command that opens windows here: not one of a remote terminal, not one without a display. */
function hasDesktop() {
  if (process.env.VSCODE_IPC_HOOK_CLI) return false;
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return false;
  return (
    spawnSync('code', ['--version'], { shell: isWindows, stdio: 'ignore', timeout: 20_000 }).status === 0
  );
}

async function openDesktop(vsix) {
  const userData = join(directory, 'desktop');
  const extensions = join(directory, 'desktop-extensions');
  const own = ['--user-data-dir', userData, '--extensions-dir', extensions];
  const userSettings = writeUserSettings(userData, settings);
  const install = () => {
    onStep('Installing the extension', 5);
    return runQuietly('install-extension', 'code', [...own, '--install-extension', vsix, '--force'], {
      shell: isWindows,
    });
  };
  await installOnce({ vsix, extensions, install });
  say(`Opening VS Code with ${modelText(textsOf(userSettings))}`);
  say('The panel is open; a click on the flame at the left opens it again.');
  say('This ends when the window is closed.');
  const window = spawn('code', [...own, '--disable-workspace-trust', '--new-window', '--wait', folder], {
    shell: isWindows,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  process.exitCode = await new Promise((resolve, reject) => {
    window.once('error', reject);
    window.once('exit', code => resolve(code ?? 0));
  });
}

async function serve(vsix, port) {
  const server = await startCodeServer({
    directory,
    folder,
    vsix,
    port,
    preferredPort,
    settings,
    env,
    onStep,
  });
  const machineSettings = join(directory, 'data', 'Machine', 'settings.json');
  process.stdout.write(
    serverText({
      address: server.url(),
      port: server.port,
      log: relative(process.cwd(), server.log),
      model: modelText(textsOf(server.userSettings, machineSettings)),
    }),
  );
  const asked = new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => resolve('asked'));
  });
  const why = await Promise.race([asked, server.exited.then(() => 'ended')]);
  await server.stop();
  if (why === 'ended') throw new SetupError(`VS Code's server ended by itself; see ${server.log}.`);
}

function textsOf(...paths) {
  return paths.filter(path => existsSync(path)).map(path => readFileSync(path, 'utf8'));
}
