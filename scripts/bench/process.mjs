// Runs one measuring process: pinned when asked, with a time limit, its last line of stdout as JSON.
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logDirectory, root } from '../setup/places.mjs';
import { errorLine, lastLine, runToEnd } from './run_to_end.mjs';

/** In front of a Node.js program: at its end it tells what its threads took of the processors. */
export const tellCpu = [
  '--import',
  `data:text/javascript,process.on('exit',()=>{const{user,system}=process.cpuUsage();console.error('cpu ms '+(user+system)/1000)})`,
];

/**
 * Runs a measuring process; resolves to `{ value }`, the JSON of its last line, or `{ failed }` with the reason. With `tellCpu`
 * among the arguments, `cpuMs` is there too.
 * @returns {Promise<{ value?: any, cpuMs?: number, failed?: string }>}
 */
export async function measure(name, command, args, options) {
  const { stdout, stderr, failed } = await runLimited(name, command, args, options);
  if (failed) return { failed };
  const cpuMs = /^cpu ms ([\d.]+)$/m.exec(stderr)?.[1];
  try {
    return {
      value: JSON.parse(lastLine(stdout) ?? ''),
      ...(cpuMs === undefined ? {} : { cpuMs: Number(cpuMs) }),
    };
  } catch {
    return { failed: `printed no figures: ${lastLine(stdout) ?? 'it said nothing'}` };
  }
}

/**
 * `core`: everything on that core with one thread, software device included. A process that is to be left unpinned
 * (`pin: false`) still gets one thread. Resolves to `{ stdout, stderr }` or `{ failed }` with the reason; never rejects.
 */
export async function runLimited(
  name,
  command,
  args,
  { core, pin = true, env = {}, limitMinutes = 60 } = {},
) {
  const [program, argv] =
    core !== undefined && pin ? ['taskset', ['-c', String(core), command, ...args]] : [command, args];
  const { end, stdout, stderr, timedOut } = await runToEnd(program, argv, {
    cwd: root,
    env: {
      ...process.env,
      XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? tmpdir(),
      ...(core === undefined ? {} : { LP_NUM_THREADS: '1', OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1' }),
      ...env,
    },
    limitMs: limitMinutes * 60_000,
  });
  mkdirSync(logDirectory, { recursive: true });
  writeFileSync(join(logDirectory, `bench-${name}.log`), `${stderr}\n${stdout}`);
  if (timedOut) return { failed: `took longer than ${limitMinutes} minutes` };
  if (end !== 0)
    return {
      failed: `ended with ${end}: ${errorLine(stderr) ?? lastLine(stderr) ?? lastLine(stdout) ?? 'it said nothing'}`,
    };
  return { stdout, stderr };
}
