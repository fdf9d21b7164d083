// Entry of the engine process: `serve` speaks JSON-RPC on stdin and stdout; anything else is a command.
// Results go to stdout, everything else to stderr; a failure is one line and exit code 1.
import { readFileSync } from 'node:fs';
import { runCommand } from './cli/commands.ts';
import { EngineError, errors } from './protocol/errors.ts';
import { serve } from './rpc/server.ts';
import { EngineService } from './rpc/service.ts';

// Stdout belongs to the protocol and to results; libraries that print would break either.
for (const method of ['log', 'info', 'debug', 'warn'] as const) console[method] = console.error;

const [command, ...rest] = process.argv.slice(2);
if (command === 'serve') serveStdio();
else await runCommand(command, rest).then(() => exit(0), fail);

function serveStdio(): void {
  const service = new EngineService();
  const end = (reason: string, code: number) => {
    console.error(`engine ends: ${reason}`);
    void service.dispose().finally(() => exit(code));
  };
  process.on('uncaughtException', error => end(`unexpected error: ${error.stack ?? String(error)}`, 1));
  process.on('unhandledRejection', reason =>
    end(`unexpected rejection: ${reason instanceof Error ? reason.stack : String(reason)}`, 1),
  );
  serve({
    service,
    input: process.stdin,
    output: process.stdout,
    engineVersion: version(),
    onEnd: reason => end(reason, reason === 'the input ended' || reason === 'the connection closed' ? 0 : 1),
  });
}

function fail(error: unknown): void {
  const known = error instanceof EngineError ? error : errors.internal(error);
  process.stderr.write(
    `hearth: ${known.code}: ${[known.message, known.remedy].filter(Boolean).join(' ').replaceAll('\n', ' ')}\n`,
  );
  exit(1);
}

/** Waits for the output to be taken, then ends: Dawn keeps the process alive otherwise. */
function exit(code: number): void {
  process.stdout.write('', () => process.exit(code));
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
