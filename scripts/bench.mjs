// `npm run bench`: speed of a model on this device, after a golden fixture has shown that the numbers are right.
// Options are those of the engine's `bench` command; without --model, the embedded one.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build } from './build.mjs';
import { SetupError } from './setup/command.mjs';
import { nodePath, root } from './setup/places.mjs';
import { runScript, setup } from './setup.mjs';

const fixture = join(root, 'test', 'golden', 'fixtures', 'default');
const embedded = join(root, 'media', 'model', 'hearth-tiny', 'hearth-tiny-q8_0.gguf');

await runScript(async () => {
  await setup({ vulkan: true });
  await build({ only: ['engine'] });
  const engine = (args, stdio) =>
    spawnSync(nodePath, [join(root, 'dist', 'engine.mjs'), ...args], { stdio }).status;
  if (engine(['verify', '--fixture', fixture], ['ignore', 'ignore', 'inherit']) !== 0)
    throw new SetupError(
      'The engine computes wrongly on this device, so its speed means nothing. See `engine verify`.',
    );
  const args = process.argv.slice(2);
  process.exitCode =
    engine(['bench', ...(args.includes('--model') ? [] : ['--model', embedded]), ...args], 'inherit') ?? 1;
});
