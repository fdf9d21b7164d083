// Entry of the engine process: `serve` speaks JSON-RPC on stdin and a pipe of its own; anything else is a command.
// Results of commands go to stdout, everything else to stderr; a failure is one line and exit code 1.
import { readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { Options } from './cli/args.ts';
import { runCommand } from './cli/commands.ts';
import { deviceChoice, deviceOptions } from './cli/device_options.ts';
import { HearthError, errors } from './protocol/errors.ts';
import { StateStore } from './kept/state_store.ts';
import { limits } from './protocol/limits.ts';
import { errorLine } from './protocol/log_line.ts';
import { openAnswerPipe } from './rpc/answer_pipe.ts';
import { serve } from './rpc/server.ts';
import { stateDirectory } from './shared/caches/cache_directory.ts';
import { openGpuDevice } from './service/device.ts';
import { IdStore } from './service/id_store.ts';
import { EngineHost, type Openers } from './service/engine_host.ts';
import { symbolsDirectory } from './service/symbols_directory.ts';
import { openModel } from './service/loaded.ts';

// Stdout belongs to results; libraries that print would break them.
for (const method of ['log', 'info', 'debug', 'warn'] as const) console[method] = console.error;

// A log that nobody reads any more is no reason to stop.
process.stderr.on('error', () => undefined);

const [command, ...rest] = process.argv.slice(2);
if (command === 'serve') {
  try {
    const options = Options.parse(rest, { text: [...deviceOptions, 'state-limit'], flags: [] });
    const choice = deviceChoice(options);
    const limit = options.optionalNumber('state-limit');
    const states = limit === undefined ? undefined : stateStore(limit * 1024 * 1024);
    servePipes(() => openGpuDevice(choice), openAnswerPipe(), states);
  } catch (error) {
    fail(error);
  }
} else {
  // The reader of the results has gone (`| head`).
  process.stdout.on('error', () => process.exit(1));
  await runCommand(command, rest).then(() => exit(0), fail);
}

/** The state of workspaces in so many bytes of the disk at most; with 0 what is there is deleted. */
function stateStore(bytesMax: number): StateStore {
  return new StateStore({ directory: stateDirectory(), bytesMax });
}

function servePipes(device: Openers['device'], output: Writable, states: StateStore | undefined): void {
  const host = new EngineHost({
    device,
    ...(states && { states }),
    model: openModel,
    ids: new IdStore(),
    symbolsDirectory: symbolsDirectory(),
  });
  let ending = false;
  const end = (reason: string, code: number) => {
    if (ending) return;
    ending = true;
    const line = `engine ends: ${reason}`;
    console.error(code === 0 ? line : errorLine(line));
    // A device that hangs, or a reader that takes nothing any more, must not keep the process.
    setTimeout(() => process.exit(code), limits.shutdownDeadlineMs);
    host.dispose().then(
      () => exit(code, output),
      (error: unknown) => {
        console.error(errorLine(`freeing the device failed: ${String(error)}`));
        exit(code, output);
      },
    );
  };
  const server = serve({
    host,
    input: process.stdin,
    output,
    engineVersion: version(),
    onEnd: reason => end(reason, reason === 'the input ended' || reason === 'the connection closed' ? 0 : 1),
  });
  /** What nobody caught: the client is told before the process goes. */
  const broken = (what: string, cause: unknown) => {
    server.fail(errors.internal(cause));
    end(`${what}: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`, 1);
  };
  process.on('uncaughtException', error => broken('unexpected error', error));
  process.on('unhandledRejection', reason => broken('unexpected rejection', reason));
}

function fail(error: unknown): void {
  const known = error instanceof HearthError ? error : errors.internal(error);
  process.stderr.write(
    `hearth: ${known.code}: ${[known.message, known.remedy].filter(Boolean).join(' ').replaceAll('\n', ' ')}\n`,
  );
  exit(1);
}

/** Waits for what was written to be taken, then ends: Dawn keeps the process alive otherwise. */
function exit(code: number, output: Writable = process.stdout): void {
  output.write('', () => process.exit(code));
}

/** Of the package this bundle lies in. */
function version(): string {
  try {
    const { version: found } = JSON.parse(
      readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
    ) as { version?: string };
    return found ?? 'unknown';
  } catch {
    return 'unknown';
  }
}
