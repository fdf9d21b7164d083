// `npm run --silent engine -- COMMAND …`: sets up what the engine needs, builds it and runs one command of it.
// Nothing but the engine's own output reaches stdout; its exit code is passed on.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { nodePath, root } from './setup/places.mjs';
import { runScript, setup } from './setup.mjs';

await runScript(async () => {
  await setup({ vulkan: true });
  await build({ only: ['engine'] });
  // npm changes to the project's folder; paths on the command line mean the place where the person is.
  const cwd =
    process.env.npm_lifecycle_event === 'engine' ? (process.env.INIT_CWD ?? process.cwd()) : process.cwd();
  const child = spawn(nodePath, [join(root, 'dist', 'engine.mjs'), ...process.argv.slice(2)], {
    cwd,
    stdio: 'inherit',
  });
  // Ctrl+C reaches the child by itself; here it only must not end this process first.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.exitCode = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal ? 128 + constants.signals[signal] : code));
  });
});
