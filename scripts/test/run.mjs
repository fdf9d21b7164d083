// Runs one command of the test run: output passed through, a time limit, the whole process group ended at the limit.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { nodePath, root, toolEnvironment, toolsDirectory } from '../setup/places.mjs';
import { say } from '../setup/command.mjs';

const killAfterMs = 15_000;

/**
 * Where tests and what they start keep compiled kernels: in the project, so that a clean clone begins with none, as CI does and a
 * user's machine. Removing the folder makes the next run a cold one.
 */
const cacheDirectory = join(toolsDirectory, 'test-cache');
const cacheEnvironment = {
  MESA_SHADER_CACHE_DIR: join(cacheDirectory, 'shaders'),
  HEARTH_CACHE: join(cacheDirectory, 'hearth'),
};

/**
 * Runs a JavaScript program under the pinned Node.js; returns true when it ended with 0 in time. `whenLate`: what to say of a
 * program that is ended at its limit.
 */
export async function runNode(args, { env = {}, limitMinutes = 10, whenLate = () => '' } = {}) {
  const child = spawn(nodePath, args, {
    cwd: root,
    env: toolEnvironment({ NO_UPDATE_NOTIFIER: '1', ...cacheEnvironment, ...env }),
    stdio: ['ignore', 'inherit', 'inherit'],
    // A group of its own, so that what it started can be ended with it.
    detached: process.platform !== 'win32',
  });
  const end = signal => {
    try {
      process.kill(process.platform === 'win32' ? child.pid : -child.pid, signal);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  };
  /** Asks first: what it started in groups of their own, only it can end. */
  const endAll = () => {
    end('SIGTERM');
    setTimeout(() => end('SIGKILL'), killAfterMs).unref();
  };
  let stopped = false;
  const stop = () => {
    stopped = true;
    endAll();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const timer =
    Number.isFinite(limitMinutes) &&
    setTimeout(() => {
      say([`${args[0]} did not end in ${limitMinutes} minutes`, whenLate()].filter(Boolean).join('; '));
      endAll();
    }, limitMinutes * 60_000);
  const code = await new Promise(resolve => {
    child.once('error', error => {
      say(error.message);
      resolve(1);
    });
    child.once('exit', exitCode => resolve(exitCode ?? 1));
  });
  clearTimeout(timer);
  process.off('SIGINT', stop);
  process.off('SIGTERM', stop);
  if (stopped) process.exit(130);
  return code === 0;
}

/** A heading in the output. */
export function heading(text) {
  process.stdout.write(`\n── ${text} ──\n`);
}

/** The row of a check that either holds or does not. */
export function checkRow(name, ok) {
  return { name, passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
}
