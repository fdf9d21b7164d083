// `npm run test:desktop`: the suite of test/host in a desktop VS Code, with the staged package as the extension. The VS
// Code is downloaded, unless `--path PROGRAM` or VSCODE_PATH names one, and it needs a display: a machine without a network
// or a display, such as a container, cannot run this. `npm run test:vscode` runs the same suite in a VS Code server.
import { mkdtempSync, cpSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { writeUserSettings } from './editor_settings.mjs';
import { makePackage, stageDirectory } from './package.mjs';
import { say, SetupError } from './setup/command.mjs';
import { root } from './setup/places.mjs';
import { runScript, setup } from './setup.mjs';

await runScript(async () => {
  const at = process.argv.indexOf('--path');
  const path = at < 0 ? process.env.VSCODE_PATH : process.argv[at + 1];
  if (at >= 0 && !path) throw new SetupError('--path wants the program of a VS Code.');
  const { platform, env } = process;
  if (platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY)
    throw new SetupError('There is no display for a desktop VS Code. `npm run test:vscode` needs none.');
  await setup({ vulkan: true });
  await makePackage();
  await build({ only: ['hostTests'] });
  const { runTests } = await import('@vscode/test-electron');
  const { hostFixtures } = await import('../test/e2e/host_fixtures.ts');
  const directory = mkdtempSync(join(tmpdir(), 'hearth-desktop-'));
  try {
    const folder = join(directory, 'sample_workspace');
    cpSync(join(root, 'test', 'sample_workspace'), folder, { recursive: true });
    const userData = join(directory, 'data');
    writeUserSettings(userData, {});
    if (!path) say('Getting a VS Code to test in');
    await runTests({
      ...(path ? { vscodeExecutablePath: path } : {}),
      extensionDevelopmentPath: stageDirectory,
      extensionTestsPath: join(root, 'dist', 'host_tests', 'index.js'),
      extensionTestsEnv: hostFixtures(directory, userData),
      launchArgs: [
        folder,
        '--disable-extensions',
        '--disable-workspace-trust',
        '--user-data-dir',
        userData,
        '--skip-welcome',
      ],
    });
  } finally {
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
});
