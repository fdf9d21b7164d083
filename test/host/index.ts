// Entry that VS Code loads inside the extension host (extensionTestsPath): runs the mocha suites, prints their report and
// leaves the counts in HEARTH_HOST_RESULT. The same file serves code-server and a desktop VS Code.
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

/** Called by VS Code; rejects when a test failed. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'tdd', timeout: 300_000, color: false, reporter: 'spec' });
  // The suites are bundled with this file, so mocha is told of them by hand.
  mocha.suite.emit('pre-require', globalThis, null, mocha);
  await import('./activation.test.ts');
  await import('./rest.test.ts');
  await import('./chat_tab.test.ts');
  await import('./code_actions.test.ts');
  await import('./commit_message.test.ts');
  await import('./completion.test.ts');
  await import('./context.test.ts');
  await import('./edits.test.ts');
  await import('./files.test.ts');
  await import('./inline_edit.test.ts');
  await import('./paths.test.ts');
  await import('./prompt_files.test.ts');
  await import('./settings.test.ts');
  await import('./symbols.test.ts');
  console.log('@@suite-begin');
  const stats = await new Promise<Mocha.Stats | undefined>(resolve => {
    const runner = mocha.run(() => resolve(runner.stats));
    runner.on('fail', (test, error: Error) =>
      console.log(`FAILED ${test.fullTitle()}: ${error.stack ?? error.message}`),
    );
  });
  console.log('@@suite-end');
  const target = process.env['HEARTH_HOST_RESULT'];
  if (target) writeFileSync(target, JSON.stringify(stats));
  if (!stats || stats.failures > 0)
    throw new Error(`${stats?.failures ?? 'all'} of ${stats?.tests ?? 'the'} tests failed`);
}
