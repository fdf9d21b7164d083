// The check of a prepared folder (`npm run gpu-check -- --bundle`): started there by `node gpu-check.mjs`, with no network and nothing
// installed but Node.js. Writes gpu-report.md beside itself. --adapter NAME: one of several GPUs; --minutes N: in less than ten.
import { accessSync, constants, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkGpu } from './check_gpu.mjs';
import { budgetMinutes } from './steps.mjs';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: String(budgetMinutes) },
    adapter: { type: 'string' },
  },
});
const folder = dirname(fileURLToPath(import.meta.url));
const { version, platform } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const say = text => process.stderr.write(`gpu-check: ${text}\n`);

if (platform !== `${process.platform}-${process.arch}` && platform !== process.platform) {
  say(`this folder is for ${platform}, not for ${process.platform}-${process.arch}`);
  process.exit(2);
}
const work = mkdtempSync(join(tmpdir(), 'hearth-gpu-check-'));
const fixtures = join(folder, 'fixtures');
const places = {
  node: process.execPath,
  engine: join(folder, 'dist', 'engine.mjs'),
  bench: join(folder, 'dist', 'bench', 'main.mjs'),
  model: join(folder, 'media', 'model', 'hearth-tiny', 'hearth-tiny-q8_0.gguf'),
  fixtures: readdirSync(fixtures).map(name => ({ name, path: join(fixtures, name) })),
  work,
  adapter: values.adapter,
};
try {
  const out = join(writable(folder) ? folder : process.cwd(), 'gpu-report.md');
  process.exitCode = (await checkGpu(places, { out, say, version, minutes: Number(values.minutes) })) ? 0 : 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

function writable(path) {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
