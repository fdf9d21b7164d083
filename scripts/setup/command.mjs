// Runs the commands of the set-up: quietly, with their output in a log file that is shown when they fail.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { logDirectory, root } from './places.mjs';

/** A failure whose message is meant for the person who runs the script. */
export class SetupError extends Error {}

/** Says what goes on. Never on stdout: that belongs to the program that is set up. */
export function say(text) {
  process.stderr.write(`hearth: ${text}\n`);
}

/** Says which step begins, and about how long it takes: `once`, or each time. */
export function sayStep(what, seconds, { once = true } = {}) {
  say(stepText(what, seconds, { once }));
}

/** `Installing the npm packages (about 20 seconds, once)`. Whole minutes are told as minutes. */
export function stepText(what, seconds, { once = true } = {}) {
  const inMinutes = seconds >= 60;
  const count = inMinutes ? Math.round(seconds / 60) : seconds;
  const unit = `${inMinutes ? 'minute' : 'second'}${count === 1 ? '' : 's'}`;
  return `${what} (about ${count} ${unit}${once ? ', once' : ''})`;
}

/** Runs a command to its end and returns its stdout; a failure shows the end of what it printed. */
export async function runQuietly(name, command, args, { cwd = root, env = process.env, shell = false } = {}) {
  const child = spawn(command, args, { cwd, env, shell, stdio: ['ignore', 'pipe', 'pipe'] });
  const out = [];
  const all = [];
  child.stdout.on('data', chunk => {
    out.push(chunk);
    all.push(chunk);
  });
  child.stderr.on('data', chunk => all.push(chunk));
  const end = await new Promise(resolve => {
    child.once('error', error => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal ?? code));
  });
  mkdirSync(logDirectory, { recursive: true });
  const log = join(logDirectory, `${name}.log`);
  writeFileSync(log, Buffer.concat(all));
  if (end !== 0) {
    const tail = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-25).join('\n');
    throw new SetupError(`${command} ${args.join(' ')} failed (${end}). The end of ${log}:\n${tail}`);
  }
  return Buffer.concat(out).toString('utf8');
}

/**
 * npm is a script file on Windows, which only a shell starts. What an npm that runs us has told its scripts about itself
 * is left out: the inner npm would take the outer one's Node.js version for its own.
 */
export function runNpm(name, args, { env = process.env, ...options } = {}) {
  const own = Object.entries(env).filter(
    ([key]) =>
      !/^npm_(config_(user_agent|local_prefix|node_gyp)|node_execpath|execpath|lifecycle_|package_)/i.test(
        key,
      ),
  );
  return runQuietly(name, 'npm', args, {
    ...options,
    env: Object.fromEntries(own),
    shell: process.platform === 'win32',
  });
}
