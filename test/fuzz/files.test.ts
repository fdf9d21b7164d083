// Damaged and hostile model files of every kind end in success or a named error: quickly, in little memory, whatever they
// hold. HEARTH_FUZZ_CASES and HEARTH_FUZZ_SEED run more and others, HEARTH_FUZZ_ONLY="KIND:SEED" one failing job again.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryDirectory } from '../support/temporary_directory.ts';
import { FuzzRunner, type JobInput, type JobResult } from './runner.ts';

const cases = Number(process.env['HEARTH_FUZZ_CASES'] ?? 5_000);
const firstSeed = Number(process.env['HEARTH_FUZZ_SEED'] ?? 1);
/** Cases from one seed. */
const runsPerJob = 50;

const directory = temporaryDirectory();
let runner: FuzzRunner;
let jobs: JobInput[];
let results: JobResult[];

beforeAll(
  async () => {
    runner = await FuzzRunner.start({ directory });
    jobs = wanted(runner.kinds);
    results = await runner.run(jobs);
  },
  Math.max(600_000, cases * 100),
);
afterAll(() => runner.close());

/** Each kind by its share, in jobs of whole seeds. */
function wanted(kinds: Record<string, number>): JobInput[] {
  const only = /^(.*):(-?\d+)$/.exec(process.env['HEARTH_FUZZ_ONLY'] ?? '');
  if (only) return [{ kind: only[1] as string, seed: Number(only[2]), runs: runsPerJob }];
  const shares = Object.values(kinds).reduce((sum, share) => sum + share, 0);
  return Object.entries(kinds).flatMap(([kind, share]) =>
    Array.from({ length: Math.ceil((cases * share) / shares / runsPerJob) }, (_, i) => ({
      kind,
      seed: firstSeed * 1_000_003 + i,
      runs: runsPerJob,
    })),
  );
}

/** How often each step ended how, by kind, and the slowest cases; also left in a file for who wonders. */
function summary(): Record<string, { slowestMs: number; outcomes: Record<string, number> }> {
  const kinds: ReturnType<typeof summary> = {};
  for (const { kind, outcomes, slowestMs } of results) {
    const sum = (kinds[kind] ??= { slowestMs: 0, outcomes: {} });
    sum.slowestMs = Math.max(sum.slowestMs, slowestMs);
    for (const [outcome, count] of Object.entries(outcomes))
      sum.outcomes[outcome] = (sum.outcomes[outcome] ?? 0) + count;
  }
  const folder = fileURLToPath(new URL('../../test-results/fuzz/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}summary.json`, JSON.stringify(kinds, undefined, 1));
  return kinds;
}

test('every case ends in success or a named error', () => {
  expect(
    results.flatMap(({ kind, seed, failure }) =>
      failure === undefined ? [] : [`${kind}, seed ${seed}: ${failure}`],
    ),
  ).toEqual([]);
});

test('cases get as far as the last step, and every step refuses some', () => {
  const kinds = summary();
  if (process.env['HEARTH_FUZZ_ONLY']) return;
  const all = new Set(Object.values(kinds).flatMap(({ outcomes }) => Object.keys(outcomes)));
  for (const [kind, { outcomes }] of Object.entries(kinds)) {
    expect(outcomes, kind).toHaveProperty('open: ok');
    expect(
      Object.keys(outcomes).some(outcome => !outcome.endsWith(': ok')),
      `${kind} is never refused`,
    ).toBe(true);
  }
  expect([...all]).toEqual(
    expect.arrayContaining([
      ...[
        'open: badCheckpoint',
        'open: fileUnreadable',
        'open: missingTensor',
        'plan: ok',
        'plan: badCheckpoint',
      ],
      ...['plan: missingTensor', 'plan: unsupportedArchitecture', 'sampling: ok', 'sampling: badCheckpoint'],
      ...['tokenizer: ok', 'tokenizer: badTokenizer', 'fit: ok', 'fit: badTokenizer', 'template: ok'],
      ...['template: badTokenizer', 'prompt: ok', 'prompt: badTokenizer'],
    ]),
  );
});
