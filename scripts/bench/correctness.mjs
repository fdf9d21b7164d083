// Known answers before any timing: speed means nothing while the numbers are wrong.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { say, SetupError } from '../setup/command.mjs';
import { nodePath, root } from '../setup/places.mjs';
import { embeddedModel, engineProgram, goldenFixture, goldenLogits } from './places.mjs';
import { runLimited } from './process.mjs';

/** Logits reach 16; caches in half precision cost less than this, a wrong kernel far more. */
const logitErrorMax = 0.02;

/** Throws SetupError when the engine computes wrongly on this device. */
export async function checkCorrectness() {
  say('checking the engine against known answers');
  await run('verify', ['verify', '--fixture', goldenFixture]);
  const golden = JSON.parse(readFileSync(goldenLogits, 'utf8'));
  const directory = mkdtempSync(join(tmpdir(), 'hearth-bench-'));
  let logits;
  try {
    const out = join(directory, 'logits.f32');
    await run('logits', ['logits', '--model', embeddedModel, '--ids', golden.ids.join(','), '--out', out]);
    const bytes = readFileSync(out);
    logits = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  const worst = worstLogitError(golden, logits);
  if (!(worst <= logitErrorMax))
    throw new SetupError(
      `A logit of the embedded model is off by ${worst}, more than ${logitErrorMax}: its speed means nothing.`,
    );
  return {
    passed: true,
    golden: [goldenFixture, goldenLogits].map(path => relative(root, path)),
    worst_logit_error: worst,
  };
}

/** Largest difference from the known logits; NaN counts as infinitely large. */
export function worstLogitError({ ids, rows }, logits) {
  const vocabulary = logits.length / ids.length;
  let worst = 0;
  for (const { position, ids: wanted, logits: known } of rows)
    for (const [i, id] of wanted.entries()) {
      const error = Math.abs(logits[position * vocabulary + id] - known[i]);
      worst = Math.max(worst, Number.isFinite(error) ? error : Infinity);
    }
  return worst;
}

async function run(name, args) {
  const { failed } = await runLimited(name, nodePath, [engineProgram, ...args]);
  if (failed)
    throw new SetupError(`The engine computes wrongly, so its speed means nothing: ${name} ${failed}`);
}
