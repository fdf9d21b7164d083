// Brings a machine that has Node.js and npm to where everything here runs. Does only what is missing; safe to repeat.
import { pathToFileURL } from 'node:url';
import { setUpBrowser } from './setup/browser.mjs';
import { setUpCodeServer } from './setup/code_server.mjs';
import { say, SetupError } from './setup/command.mjs';
import { setUpNode } from './setup/node_runtime.mjs';
import { setUpNpmPackages } from './setup/npm_packages.mjs';
import { setUpVulkan } from './setup/vulkan.mjs';

/** Node.js and the npm packages always; the rest as asked. True when something was missing and was installed. */
export async function setup({ vulkan = false, browser = false, vscode = false } = {}) {
  const steps = [
    setUpNode,
    setUpNpmPackages,
    ...(vulkan ? [setUpVulkan] : []),
    ...(browser ? [setUpBrowser] : []),
    ...(vscode ? [setUpCodeServer] : []),
  ];
  let installed = false;
  for (const step of steps) installed = (await step()) || installed;
  return installed;
}

/** Runs a script's body: a set-up failure becomes its message and exit code 1, not a stack. */
export async function runScript(body) {
  try {
    await body();
  } catch (error) {
    say(error instanceof SetupError ? error.message : (error?.stack ?? String(error)));
    process.exitCode = 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await runScript(async () => {
    const only = process.argv
      .slice(2)
      .filter(name => name.startsWith('--'))
      .map(name => name.slice(2));
    const wants = name => only.length === 0 || only.includes(name);
    const wanted = { vulkan: wants('vulkan'), browser: wants('browser'), vscode: wants('vscode') };
    say((await setup(wanted)) ? 'Everything is set up.' : 'Everything is set up already.');
  });
