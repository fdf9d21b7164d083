// Each way a case can go wrong is found, told with its seed, and its files are kept; the run goes on after it.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryDirectory } from '../support/temporary_directory.ts';
import { FuzzRunner, type JobResult } from './runner.ts';

const directory = temporaryDirectory();
const keepIn = join(directory, 'kept');
const faults = [
  ['a raw error', 'SyntaxError'],
  ['an unnamed error', 'Unexpected engine error: surprise'],
  ['a slip with a name', 'a poor message'],
  ['no end', 'did not end in 5 s'],
  ['too much heap', 'heap out of memory'],
  ['too much memory', 'MB of memory'],
  ['too much time', 'ms of CPU time'],
  ['an abort', 'SIGABRT'],
] as const;

let runner: FuzzRunner;
let results: JobResult[];
beforeAll(async () => {
  runner = await FuzzRunner.start({ directory, keepIn, children: 2, hangMs: 5_000 });
  // Each fault is followed by a job that has none. Two children, since most of the time one of them starts or is waited for.
  results = await runner.run(
    faults.flatMap(([kind]) => [
      { kind, seed: 7, runs: 3 },
      { kind: 'no fault', seed: 8, runs: 3 },
    ]),
  );
});
afterAll(() => runner.close());

test.each(faults.map(([kind, why], i) => ({ kind, why, i })))('$kind is a failure', ({ kind, why, i }) => {
  const [failed, next] = results.slice(2 * i);
  expect(failed?.failure).toContain(why);
  expect(failed?.failure).toContain(`HEARTH_FUZZ_ONLY="${kind}:7"`);
  expect(existsSync(join(keepIn, `${kind.replaceAll(' ', '_')}-7`, 'n.txt'))).toBe(true);
  expect(next).toMatchObject({ kind: 'no fault', outcomes: { ok: 3 } });
  expect(next?.failure).toBeUndefined();
});

test('a file that is mostly a hole is not kept: the copy would fill the disk', async () => {
  const [result] = await runner.run([{ kind: 'a hole', seed: 7, runs: 1 }]);
  expect(result?.failure).toContain('the hole is there');
  expect(readdirSync(join(keepIn, 'a_hole-7'))).toEqual(['n.txt']);
});

test('what is slow only the first time is no failure', async () => {
  const [result] = await runner.run([{ kind: 'slow at first', seed: 7, runs: 3 }]);
  expect(result).toMatchObject({ outcomes: { ok: 3 } });
  expect(result?.failure).toBeUndefined();
  expect(result?.slowestMs).toBeLessThan(100);
});
