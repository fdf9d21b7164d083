// The tests of the kernels against their references, on whatever device this machine has.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runToEnd } from '../bench/run_to_end.mjs';
import { nodePath, root, toolEnvironment } from '../setup/places.mjs';

const failuresTold = 40;

/** A step of runSteps(). */
export async function kernelTests(limitMs) {
  const folder = mkdtempSync(join(tmpdir(), 'hearth-kernel-tests-'));
  const file = join(folder, 'tests.json');
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const args = [vitest, 'run', 'test/engine/kernels', '--reporter=json', `--outputFile=${file}`];
  try {
    const { stderr, end, timedOut } = await runToEnd(nodePath, args, {
      cwd: root,
      env: toolEnvironment(),
      limitMs,
    });
    if (timedOut) return { failed: `took longer than ${Math.round(limitMs / 60_000)} minutes` };
    const report = readReport(file);
    if (!report) return { failed: `ended with ${end}`, told: stderr.slice(-2000) };
    const value = { passed: report.numPassedTests, failed: report.numFailedTests };
    if (value.failed === 0 && end === 0) return { value };
    if (value.failed === 0) return { value, failed: `ended with ${end}`, told: stderr.slice(-2000) };
    return { value, failed: `${value.failed} tests failed, ${value.passed} passed`, told: failures(report) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** The names of failed tests, each with the first line of its reason. */
function failures({ testResults }) {
  return testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'failed')
    .slice(0, failuresTold)
    .map(({ fullName, failureMessages: [why = ''] }) => `${fullName}: ${why.split('\n')[0]}`)
    .join('\n');
}
