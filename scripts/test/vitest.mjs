// The vitest suites, and what a run of them cost: the slowest files, and the kernels that were compiled.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../setup/places.mjs';
import { findBrowser } from '../setup/browser.mjs';
import { gpuTests } from './gpu_files.mjs';
import { heading, runNode } from './run.mjs';

/** More than three times what the longest suite takes on two cores with nothing cached; a full run has no limit. */
const limitMinutes = 40;
/** Set by `npm run test:full`; see test/support/full.ts. */
const isFull = () => process.env.HEARTH_TEST_FULL === '1';
const slowestShown = 10;

export function unitAndGpu(results) {
  return suite('unit and GPU tests', results, { config: 'vitest.config.mts' });
}

export function unit(results) {
  return suite('unit tests', results, { config: 'vitest.config.mts', exclude: gpuTests() });
}

export function gpu(results) {
  return suite('GPU tests', results, { config: 'vitest.config.mts', only: gpuTests() });
}

export function page(results) {
  return suite('page tests', results, { config: 'vitest.page.config.mts', env: { CHROMIUM: findBrowser() } });
}

async function suite(name, results, { config, only = [], exclude = [], env = {} }) {
  heading(name);
  const file = ending => join(results, 'report', `${name.replaceAll(' ', '_')}.${ending}`);
  const [report, progress, kernels] = [file('json'), file('progress.json'), file('kernels.jsonl')];
  rmSync(kernels, { force: true });
  const args = [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--config',
    config,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    `--reporter=${join(root, 'scripts', 'test', 'progress_reporter.mjs')}`,
    ...exclude.flatMap(path => ['--exclude', path]),
    ...only,
  ];
  const counter = pathToFileURL(join(root, 'scripts', 'test', 'count_kernels.mjs')).href;
  const ok = await runNode(args, {
    env: {
      CI: 'true',
      HEARTH_TEST_PROGRESS: progress,
      HEARTH_KERNEL_LOG: kernels,
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${counter}`.trim(),
      ...env,
    },
    limitMinutes: isFull() ? Infinity : limitMinutes,
    whenLate: () => whereItWas(progress),
  });
  const result = row(name, ok, report);
  const notes = [
    ...costs(progress, kernels),
    ...(result.notes ?? []),
    ...(isFull() ? campaigns(results) : []),
  ];
  return [{ ...result, notes }];
}

/** What the campaigns of this run came to, a line each (test/support/campaign.ts). */
function campaigns(results) {
  const folder = join(results, 'report', 'campaigns');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map(name => `campaign ${readFileSync(join(folder, name), 'utf8')}`);
}

/** Of a run that was ended at its limit: what was running, and what had not begun. */
function whereItWas(progress) {
  if (!existsSync(progress)) return 'no test file had begun';
  const { running, waiting } = JSON.parse(readFileSync(progress, 'utf8'));
  const list = files => (files.length > 0 ? files.join(', ') : 'none');
  return `running: ${list(running)}; not begun: ${list(waiting)}`;
}

/** The slowest files, and how many kernels were compiled in how long. */
function costs(progress, kernels) {
  const notes = [];
  if (existsSync(progress)) {
    const { ended } = JSON.parse(readFileSync(progress, 'utf8'));
    const slowest = Object.entries(ended)
      .sort(([, a], [, b]) => b - a)
      .slice(0, slowestShown);
    notes.push('slowest files:', ...slowest.map(([file, ms]) => `  ${seconds(ms).padStart(7)}  ${file}`));
  }
  if (existsSync(kernels)) {
    const noted = readFileSync(kernels, 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    const ms = noted.reduce((sum, { kernel }) => sum + (kernel?.ms ?? 0), 0);
    const count = noted.filter(({ kernel }) => kernel).length;
    notes.push(`${count} pipelines compiled in ${seconds(ms)} of all workers' time`);
    notes.push(...new Set(noted.flatMap(({ device }) => (device ? [whereItRan(device)] : []))));
  }
  return notes;
}

/** A software device runs the forms of kernels that are made for GPUs, but not as a GPU does. */
function whereItRan({ name, driver, software, matrices }) {
  const where = `kernels ran on ${name}${driver && driver !== name ? ` (${driver})` : ''}`;
  if (!software)
    return `${where}${matrices ? '' : '; subgroup matrices were imitated by ordinary operations'}`;
  return `${where}, a software device: it ran the forms for GPUs with a GPU's numbers of lanes; subgroups of 64 lanes and subgroup matrices were imitated by ordinary operations`;
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Tests of what only some devices have; anywhere else they may be skipped (test/support/gpu_fixture.ts). */
const onSomeDevices = / with subgroups of 8 lanes /;

/** A file that does not load, a skipped test, an error between tests and an empty run are failures too. */
function row(name, ok, report) {
  if (!existsSync(report)) return { name, passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  const excused = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(
      ({ status, fullName }) => status !== 'passed' && status !== 'failed' && onSomeDevices.test(fullName),
    );
  const broken = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some(one => one.status === 'failed'),
  );
  const failed = numFailedTests + numPendingTests - excused.length + broken.length;
  const failures = [
    ...testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(one => one.status !== 'passed' && !excused.includes(one))
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
    notes: excused.map(({ fullName }) => `not run on this device: ${fullName}`),
  };
}

function firstLine(text) {
  return text.trim().split('\n', 1)[0];
}
