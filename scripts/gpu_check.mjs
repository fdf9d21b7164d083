// `npm run gpu-check`: checks the GPU of this machine and writes one report; with --bundle, a folder that does it elsewhere.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { benchProgram, embeddedModel, engineProgram } from './bench/places.mjs';
import { build } from './build.mjs';
import { makeBundle } from './gpu_check/bundle.mjs';
import { checkGpu } from './gpu_check/check_gpu.mjs';
import { kernelTests } from './gpu_check/kernel_tests.mjs';
import { say, SetupError } from './setup/command.mjs';
import { nodePath, platform as thisPlatform, root } from './setup/places.mjs';
import { runScript, setup } from './setup.mjs';

const usage = `npm run gpu-check -- [options]
  --out FILE           where the report goes   (gpu-report.md)
  --adapter NAME       which of several GPUs, by a part of its name
  --no-tests           leave out the tests of the kernels, which take longest; --adapter leaves them out too: they run on the usual GPU
  --bundle [FOLDER]    prepare a folder that checks a GPU elsewhere instead   (dist/gpu-check)
  --platform NAME      for which platform: linux-x64, win32-x64, darwin-arm64, …   (this one)
`;

await runScript(async () => {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return void process.stdout.write(usage);
  if (options.bundle) {
    await setup();
    const bytes = await makeBundle(options.bundle, options.platform);
    say(`${options.bundle}, ${(bytes / 2 ** 20).toFixed(1)} MiB for ${options.platform}: node gpu-check.mjs`);
    return;
  }
  await setup({ vulkan: true });
  await build({ only: ['engine', 'bench'] });
  const fixtures = join(root, 'test', 'golden', 'fixtures');
  const work = mkdtempSync(join(tmpdir(), 'hearth-gpu-check-'));
  try {
    const places = {
      node: nodePath,
      engine: engineProgram,
      bench: benchProgram,
      model: embeddedModel,
      fixtures: readdirSync(fixtures).map(name => ({ name, path: join(fixtures, name) })),
      work,
      adapter: options.adapter,
      ...(options.tests ? { tests: kernelTests } : {}),
    };
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    // Tests have a time of their own.
    const minutes = options.tests ? 70 : undefined;
    const passed = await checkGpu(places, { out: options.out, say, version, minutes });
    process.exitCode = passed ? 0 : 1;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
});

function readOptions(args) {
  let parsed;
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: {
        out: { type: 'string', default: 'gpu-report.md' },
        adapter: { type: 'string' },
        'no-tests': { type: 'boolean', default: false },
        bundle: { type: 'boolean', default: false },
        platform: { type: 'string', default: thisPlatform },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new SetupError(`${error.message}\n${usage}`);
  }
  const { values, positionals } = parsed;
  if (positionals.length > (values.bundle ? 1 : 0)) throw new SetupError(usage);
  // npm changes to the project's folder; paths mean the place where the person is.
  const from =
    process.env.npm_lifecycle_event === 'gpu-check' ? (process.env.INIT_CWD ?? process.cwd()) : process.cwd();
  return {
    out: resolve(from, values.out),
    adapter: values.adapter,
    tests: !values['no-tests'] && values.adapter === undefined,
    bundle:
      values.bundle && (positionals[0] ? resolve(from, positionals[0]) : join(root, 'dist', 'gpu-check')),
    platform: values.platform,
    help: values.help,
  };
}
