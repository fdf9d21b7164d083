// Hostile models loaded all the way onto the device (gpu_child.ts): success or a named error, no error of the GPU, nothing
// left behind. One case in fifty of what files.test.ts runs.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FuzzRunner, type JobResult } from './runner.ts';
import { cases, failures, outcomesByKind, plannedJobs } from './suite.ts';

let runner: FuzzRunner;
let results: JobResult[];

beforeAll(async () => {
  runner = await FuzzRunner.start({
    // Inside the project, where the bundle finds the GPU's library.
    directory: join(fileURLToPath(new URL('../..', import.meta.url)), 'test-results', 'fuzz', 'loading'),
    program: 'test/fuzz/gpu_child.ts',
    children: 1,
    // Kernels are compiled within a case.
    hangMs: 120_000,
    nodeArguments: [],
  });
  results = await runner.run(plannedJobs(runner.kinds, cases / 50, 10));
});
afterAll(() => runner.close());

test('every model loads and computes, or is refused with a named error', () => {
  expect(failures(results)).toEqual([]);
});

test('some models of each kind load, and some are refused', () => {
  const kinds = outcomesByKind('loading', results);
  if (!kinds) return;
  for (const [kind, outcomes] of Object.entries(kinds)) expect(outcomes, kind).toHaveProperty('load: ok');
  expect(Object.keys(Object.assign({}, ...Object.values(kinds)) as object)).toEqual(
    expect.arrayContaining(['load: badWeights', 'load: badCheckpoint', 'load: missingTensor']),
  );
});
