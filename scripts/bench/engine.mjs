// The engine's own figures: whole-model speed, single kernels, and the start of the process.
import { spawn } from 'node:child_process';
import { say, SetupError } from '../setup/command.mjs';
import { nodePath } from '../setup/places.mjs';
import { benchProgram, embeddedModel, engineProgram } from './places.mjs';
import { measure, tellCpu } from './process.mjs';
import { median } from './statistics.mjs';

/** Prefill and decode of one model, as `engine -- bench` measures them, and `cpu_ms`, the processors' time of the whole process. */
export async function engineFigures(
  { name, path },
  { prefill, decode, context, runs, core, limitMinutes },
  program = engineProgram,
) {
  const numbers = Object.entries({ prefill, decode, context, runs }).flatMap(([key, value]) => [
    `--${key}`,
    String(value),
  ]);
  const args = [...tellCpu, program, 'bench', '--model', path, ...numbers, '--json'];
  const measured = await measure('engine', nodePath, args, { core, limitMinutes });
  return { ...valueOf(name, measured), cpu_ms: measured.cpuMs };
}

/** Time and share of the peak of every kernel of one model. */
export async function kernelFigures({ name, path }, { core, limitMinutes }) {
  say(`measuring the kernels of ${name}`);
  return valueOf(
    name,
    await measure('kernels', nodePath, [benchProgram, 'kernels', '--model', path], { core, limitMinutes }),
  );
}

/** Kernels of a token of the 80B, counted for files that mix storage types: { mix, bindings, dispatches } of each. */
export async function dispatchFigures({ core, limitMinutes }) {
  say('counting the kernels of a token');
  return valueOf(
    'files that mix storage types',
    await measure('dispatches', nodePath, [benchProgram, 'dispatches'], { core, limitMinutes }),
  );
}

const startsTimed = 3;

/** Milliseconds from the start of the process to the first character of an answer of the embedded model. */
export async function startFigures() {
  say('measuring the start of the engine');
  const times = [];
  for (let i = 0; i < startsTimed; i++) times.push(await firstCharacterMs());
  return { runs: startsTimed, first_token_ms: median(times) };
}

/** Milliseconds from the start of one process to the first character of its answer. */
export async function firstCharacterMs(program = engineProgram) {
  const started = performance.now();
  const args = ['generate', '--model', embeddedModel, '--prompt', 'function add(', '--max-tokens', '1'];
  const child = spawn(nodePath, [program, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  let first;
  child.stdout.on('data', () => (first ??= performance.now() - started));
  const end = await new Promise(resolve => {
    child.once('error', error => resolve(error.message));
    child.once('close', code => resolve(code));
  });
  if (end !== 0 || first === undefined)
    throw new SetupError(`The engine did not start: it ended with ${end}.`);
  return first;
}

function valueOf(name, { value, failed }) {
  if (failed) throw new SetupError(`The engine could not be measured on ${name}: ${failed}`);
  return value;
}
