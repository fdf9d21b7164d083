// What is run to check a GPU, each step a process of its own: a driver that crashes or hangs ends its step, not the check.
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorLine, lastLine, runToEnd } from '../bench/run_to_end.mjs';

/** All of it takes no longer; a step that finds no time left is not run. */
export const budgetMinutes = 10;
/** Most steps take seconds; one that takes so long hangs. */
const stepMinutesMax = 2;
/** Of what a failed step printed, so much goes into the report. */
const toldChars = 2000;

/**
 * Runs all steps, whatever fails. `places`: node, engine, bench (programs), model (the embedded one), fixtures (folders), work (a folder
 * for what is made), adapter (which GPU, by a part of its name; unset: the usual one), tests (a function that runs the kernel tests, where there are any).
 * Resolves to `[{ name, title, seconds, value?, failed?, told? }]`, in order.
 */
export async function runSteps(
  places,
  { say, minutes = budgetMinutes, stepMinutes = stepMinutesMax, now = () => performance.now() },
) {
  const until = now() + minutes * 60_000;
  mkdirSync(places.work, { recursive: true });
  const results = [];
  const run = async (name, title, what, limitMinutes = stepMinutes) => {
    // What the device is belongs into every report.
    const leftMs = results.length === 0 ? Infinity : until - now();
    const result = { name, title, seconds: 0 };
    results.push(result);
    if (leftMs < 1000) return Object.assign(result, { failed: 'not run: no time was left' });
    say(title);
    const started = now();
    const outcome = await what(Math.min(leftMs, limitMinutes * 60_000));
    return Object.assign(result, outcome, { seconds: (now() - started) / 1000 });
  };
  const which = places.adapter === undefined ? [] : ['--adapter', places.adapter];
  const engine = (...args) => program(places, places.engine, [...args, ...which]);
  const bench = (...args) => program(places, places.bench, [...args, ...which]);

  const { value: info } = await run('device', 'What the device is', engine('info', '--json'));
  const isSlow = info?.device.software ?? false;
  await run(
    'selfcheck',
    'Self-check with the embedded model',
    engine('check', '--model', places.model, '--json'),
  );
  const models = [{ name: 'embedded', path: places.model }];
  const make = ['make', '--name', 'small', '--type', 'Q8_0', '--directory', places.work];
  const { value: small } = await run('make', 'Making the small model', bench(...make));
  if (small) models.push({ name: 'small', path: small.path });
  if (small)
    await run(
      'selfcheck small',
      'Self-check with the small model',
      engine('check', '--model', small.path, '--json'),
    );
  const work = isSlow
    ? ['--prefill', '128', '--decode', '16', '--runs', '1']
    : ['--prefill', '512', '--decode', '64', '--runs', '5'];
  for (const { name, path } of models) {
    // Software devices have a fixed choice of variants.
    if (!isSlow) await run(`tune ${name}`, `Tuner: ${name}`, engine('tune', '--model', path, '--json'));
    await run(`bench ${name}`, `Speed: ${name}`, engine('bench', '--model', path, ...work, '--json'));
    // The peaks are the device's, whatever the model; a software device takes minutes for each.
    if (!isSlow || name === 'embedded')
      await run(`kernels ${name}`, `Kernels: ${name}`, bench('kernels', '--model', path), 4);
  }
  for (const { name, path } of places.fixtures)
    await run(`fixture ${name}`, `Reference results: ${name}`, engine('verify', '--fixture', path));
  const seconds = ['--seconds', isSlow ? '30' : '150'];
  await run('every', 'Kernels with every storage type', engine('check', '--every', ...seconds, '--json'), 4);
  if (places.tests) await run('tests', 'Tests of the kernels', places.tests, 60);
  return results;
}

/** A step that runs one of our programs; its value is the JSON it printed, if it did, also when it failed. */
function program({ node, work }, script, args) {
  return async limitMs => {
    const { stdout, stderr, end, timedOut } = await runToEnd(node, [script, ...args], {
      cwd: work,
      env: {
        ...process.env,
        // Nothing that an earlier run kept, and nothing left behind.
        HEARTH_CACHE: join(work, 'cache'),
        XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? tmpdir(),
      },
      limitMs,
    });
    const value = jsonIn(stdout);
    if (end === 0 && !timedOut) return { value };
    const reason = timedOut
      ? `took longer than ${Math.round(limitMs / 1000)} s`
      : `ended with ${end}: ${errorLine(stderr) ?? lastLine(stderr) ?? lastLine(stdout) ?? 'it said nothing'}`;
    return {
      ...(value && { value }),
      failed: reason,
      told: `${stdout.slice(-toldChars)}\n${stderr.slice(-toldChars)}`.trim(),
    };
  };
}

/** What was printed as JSON: all of it, or its last line. */
function jsonIn(text) {
  for (const part of [text, lastLine(text) ?? ''])
    try {
      return JSON.parse(part);
    } catch {
      // The other one, or none.
    }
  return undefined;
}
