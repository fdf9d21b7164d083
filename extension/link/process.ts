// The engine's process: starts it, tells when and how it ended, and ends it (ask, close its input, wait, kill).
import { phrase, type PhraseValue } from '../../engine/protocol/phrase.ts';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { linkErrors } from './errors.ts';
import { limits } from '../../engine/protocol/limits.ts';
import { levelOfLine } from '../../engine/protocol/log_line.ts';
import { answersFd } from '../../engine/protocol/pipes.ts';
import type { Log } from '../log.ts';
import { cleanEnvironment } from './node_runtime.ts';

export interface EngineProcess {
  readonly pid: number | undefined;
  readonly input: Writable;
  /** Its messages, and nothing else. */
  readonly output: Readable;
  /** Settles once, with how it ended in words. Never rejects. */
  readonly exited: Promise<PhraseValue>;
  /** Ends the process; `ask` is tried first. Resolves when it is gone. Safe to call again. */
  end(ask?: () => Promise<void>): Promise<void>;
}

export interface SpawnOptions {
  nodePath: string;
  /** The engine's bundle and its arguments. */
  args: string[];
  log: Log;
  /** How long to wait after closing the input before SIGTERM, and again before SIGKILL. */
  killStepMs?: number;
}

/** Starts the engine; rejects with `noRuntime` when the program cannot be started at all. */
export async function spawnEngine(options: SpawnOptions): Promise<EngineProcess> {
  const child = spawn(options.nodePath, options.args, {
    // The fourth one is answersFd.
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    env: cleanEnvironment(process.env),
    windowsHide: true,
  });
  const exited = new Promise<PhraseValue>(resolve => {
    child.once('exit', (code, signal) => resolve(signal ? howBy(signal) : phrase`exit code ${String(code)}`));
    child.once('error', error => resolve(error.message));
  });
  child.on('error', error => options.log.error(`Engine process: ${error.message}`));
  child.stdin.on('error', error => options.log.debug(`Engine input: ${error.message}`));
  // What drivers print comes on stdout.
  for (const input of [child.stdout, child.stderr]) {
    let level: 'error' | 'info' = 'info';
    createInterface({ input }).on('line', line => {
      level = levelOfLine(line) ?? level;
      options.log[level](`[engine] ${line}`);
    });
  }

  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', error => reject(linkErrors.noRuntime(error.message)));
  });
  options.log.info(`Engine process ${child.pid} started with ${options.nodePath}.`);

  const stepMs = options.killStepMs ?? 500;
  let ending: Promise<void> | undefined;
  const end = async (ask?: () => Promise<void>): Promise<void> => {
    if (ask) await within(limits.shutdownDeadlineMs, Promise.race([ask(), exited]));
    child.stdin.end();
    if (await within(stepMs, exited)) return;
    child.kill('SIGTERM');
    if (await within(stepMs, exited)) return;
    child.kill('SIGKILL');
    await exited;
  };
  return {
    pid: child.pid,
    input: child.stdin,
    output: child.stdio[answersFd] as Readable,
    exited,
    end: ask => (ending ??= end(ask)),
  };
}

/** True when `work` settles before the deadline, whether it resolves or rejects. */
async function within(deadlineMs: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>(resolve => {
    timer = setTimeout(() => resolve(false), deadlineMs);
  });
  const settled = work.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([settled, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Signals that a process gets for what it did itself. */
const faults: ReadonlySet<NodeJS.Signals> = new Set([
  'SIGSEGV',
  'SIGABRT',
  'SIGBUS',
  'SIGILL',
  'SIGFPE',
  'SIGTRAP',
  'SIGSYS',
]);

/** What a signal means that ended the process. */
function howBy(signal: NodeJS.Signals): PhraseValue {
  return faults.has(signal) ? phrase`crashed: ${signal}` : phrase`stopped from outside: ${signal}`;
}
