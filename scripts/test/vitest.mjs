// The vitest suites. Which unit tests need a GPU is read from what they import.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from '../setup/places.mjs';
import { findBrowser } from '../setup/browser.mjs';
import { heading, runNode } from './run.mjs';

const gpuTest = /gpu_fixture|gpu_child|openGpu|withGpu|verifyFixture|withModel|from '[^']*support\/gpu/;

export function unitAndGpu(results) {
  return suite('unit and GPU tests', results, {
    config: 'vitest.config.ts',
    limitMinutes: 20,
  });
}

export function unit(results) {
  return suite('unit tests', results, { config: 'vitest.config.ts', exclude: gpuTests() });
}

export function gpu(results) {
  return suite('GPU tests', results, {
    config: 'vitest.config.ts',
    only: gpuTests(),
    limitMinutes: 20,
  });
}

export function page(results) {
  return suite('page tests', results, { config: 'vitest.page.config.ts', env: { CHROMIUM: findBrowser() } });
}

async function suite(name, results, { config, only = [], exclude = [], env = {}, limitMinutes = 10 }) {
  heading(name);
  const report = join(results, 'report', `${name.replaceAll(' ', '_')}.json`);
  const args = [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    ...['run', '--config', config, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    ...exclude.flatMap(path => ['--exclude', path]),
    ...only,
  ];
  const ok = await runNode(args, { env: { CI: 'true', ...env }, limitMinutes });
  return [row(name, ok, report)];
}

/** A file that does not load, a skipped test, an error between tests and an empty run are failures too. */
function row(name, ok, report) {
  if (!existsSync(report)) return { name, passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  const broken = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some(one => one.status === 'failed'),
  );
  const failed = numFailedTests + numPendingTests + broken.length;
  const failures = [
    ...testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status }) => status !== 'passed')
      .map(
        ({ fullName, status, failureMessages }) =>
          `${fullName}: ${firstLine(failureMessages?.[0] ?? status)}`,
      ),
    ...broken.map(file => `${relative(root, file.name)}: ${firstLine(file.message)}`),
  ];
  return {
    name,
    passed: numPassedTests,
    failed: failed === 0 && (!ok || numPassedTests === 0) ? 1 : failed,
    failures,
  };
}

function firstLine(text) {
  return text.trim().split('\n', 1)[0];
}

function gpuTests() {
  return readdirSync(join(root, 'test'), { recursive: true })
    .map(path => `test/${path.replaceAll('\\', '/')}`)
    .filter(path => path.endsWith('.test.ts') && gpuTest.test(readFileSync(join(root, path), 'utf8')));
}
