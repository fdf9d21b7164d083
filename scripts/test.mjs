// The one test entry: `node scripts/test.mjs [types|lint|unit|gpu|page|vscode|all|full]`. Sets up what is missing, runs every
// part even when an earlier one failed, and ends with one line: `N passed, N failed`.
import { mkdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { say } from './setup/command.mjs';
import { root } from './setup/places.mjs';
import { setup } from './setup.mjs';
import { lint, types } from './test/checks.mjs';
import { vscode } from './test/vscode.mjs';
import { gpu, page, unit, unitAndGpu } from './test/vitest.mjs';

const results = join(root, 'test-results');
/** So many failures of a row are told. */
const listedMax = 12;

/** What each part needs of the machine, and what it runs. A part returns rows of `{ name, passed, failed, failures? }`. */
const parts = {
  types: { needs: {}, run: [types] },
  lint: { needs: {}, run: [lint] },
  unit: { needs: {}, run: [unit] },
  gpu: { needs: { vulkan: true }, run: [gpu] },
  page: { needs: { browser: true }, run: [page] },
  vscode: { needs: { vulkan: true, browser: true, vscode: true }, run: [vscode] },
  all: { needs: { vulkan: true, browser: true, vscode: true }, run: [types, lint, unitAndGpu, page, vscode] },
};
/** All of it, with every combination and campaigns at their full length (test/support/full.ts). */
parts.full = parts.all;

const name = process.argv[2] ?? 'all';
if (name === 'full') process.env.HEARTH_TEST_FULL = '1';
const part = parts[name];
if (!part) {
  say(`unknown part "${name}"; there are ${Object.keys(parts).join(', ')}`);
  process.exit(2);
}

/** A row, and under it what failed: the end of a long output is what is looked at first. */
function lines({ name, passed, failed, failures = [], notes = [] }) {
  const state = failed > 0 ? 'FAILED' : 'ok    ';
  const more = failures.length > listedMax ? [`       - and ${failures.length - listedMax} more`] : [];
  return [
    `${state} ${name}: ${passed} passed, ${failed} failed`,
    ...failures.slice(0, listedMax).map(one => `       - ${one}`),
    ...more,
    ...notes.map(note => `       ${note}`),
  ];
}

const rows = [];
try {
  await setup(part.needs);
  rmSync(join(results, 'report'), { recursive: true, force: true });
  mkdirSync(join(results, 'report'), { recursive: true });
  for (const run of part.run) {
    try {
      rows.push(...(await run(results)));
    } catch (error) {
      say(error.stack);
      rows.push({ name: run.name, passed: 0, failed: 1 });
    }
  }
} catch (error) {
  say(error.message);
  rows.push({ name: 'set-up', passed: 0, failed: 1 });
}

const sum = key => rows.reduce((total, row) => total + row[key], 0);
const [passed, failed] = [sum('passed'), sum('failed')];
process.stdout.write(`\n${rows.flatMap(lines).join('\n')}\n`);
if (['all', 'full', 'page', 'vscode'].includes(name))
  process.stdout.write(`Screenshots: ${relative(process.cwd(), results)}/\n`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
process.stdout.write(`${passed} passed, ${failed} failed\n`);
