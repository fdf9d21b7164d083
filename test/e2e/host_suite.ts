// Runs test/host inside VS Code's extension host, in the way its own test mode does: the workbench is told the extension
// and the suite, and calls back when the suite's run() has settled.
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { format } from 'node:util';
import { startCodeServer } from '../../scripts/code_server.mjs';
import { openBrowser } from './browser.ts';
import { hostFixtures } from './host_fixtures.ts';
import type { Counts, RunOptions } from './run.ts';

const root = join(import.meta.dirname, '..', '..');
const limitMs = 600_000;
/** The workbench writes its own log to the same place. */
const workbenchNoise = /builtin extensions|AccountPolicyGate|DialogService|INFO|TRACE/;

export async function runHostSuite({ directory, shots, onStop }: RunOptions): Promise<Counts> {
  const folder = join(directory, 'sample_workspace');
  cpSync(join(root, 'test', 'sample_workspace'), folder, { recursive: true });
  const result = join(directory, 'mocha.json');
  const settings = {
    'hearth.chat.temperature': 0,
    'hearth.completion.neighbourFiles': 0,
    'git.enabled': false,
  };
  const server = await startCodeServer({
    directory,
    folder,
    settings,
    testHost: true,
    env: { ...hostFixtures(directory, join(directory, 'data')), HEARTH_HOST_RESULT: result },
  });
  onStop(server.stop);
  const { browser, page } = await openBrowser();
  onStop(() => browser.close());

  const settled = new Promise<string>(resolve => {
    void page.exposeFunction('codeAutomationExit', (code: number) => resolve(`run() ended with ${code}`));
  });
  let inSuite = false;
  await page.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) => {
    const text = format(...args);
    if (text === '@@suite-begin' || text === '@@suite-end') inSuite = text === '@@suite-begin';
    else if (inSuite && !workbenchNoise.test(text)) process.stdout.write(`${text}\n`);
  });
  await page.goto(
    server.url([
      ['extensionDevelopmentPath', server.remoteUri(join(root, 'dist', 'package'))],
      ['extensionTestsPath', server.remoteUri(join(root, 'dist', 'host_tests', 'index.js'))],
    ]),
  );
  const end = await Promise.race([settled, delay(limitMs, 'no end in time', { ref: false })]);
  // The exit code alone is not to be trusted: an extension host that dies is reported as 0. The suite leaves its counts.
  if (!existsSync(result)) {
    process.stdout.write(
      `the suite did not finish: ${end}\n${readFileSync(server.log, 'utf8').slice(-3000)}\n`,
    );
    await page.screenshot({ path: join(shots, 'host_suite_failed.png') });
    return { passed: 0, failed: 1 };
  }
  const { passes, failures, pending } = JSON.parse(readFileSync(result, 'utf8')) as {
    passes: number;
    failures: number;
    pending: number;
  };
  return { passed: passes, failed: failures + pending };
}
