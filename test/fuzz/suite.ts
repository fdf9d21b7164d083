// Which cases a run has and how it went. HEARTH_FUZZ_CASES and HEARTH_FUZZ_SEED run more and others,
// HEARTH_FUZZ_ONLY="KIND:SEED" one failing job again.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { reportCampaign } from '../support/campaign.ts';
import { inFullRun } from '../support/full.ts';
import type { JobInput, JobResult } from './runner.ts';

export const cases = Number(process.env['HEARTH_FUZZ_CASES'] ?? inFullRun(20_000, 2_500));
const firstSeed = Number(process.env['HEARTH_FUZZ_SEED'] ?? 1);
const only = /^(.*):(-?\d+)$/.exec(process.env['HEARTH_FUZZ_ONLY'] ?? '');

/** Each kind by its share of `count` cases, in jobs of `runs` cases from one seed; then those of `always` that are not among them. */
export function plannedJobs(
  kinds: Record<string, number>,
  count: number,
  runs: number,
  always: readonly JobInput[] = [],
): JobInput[] {
  if (only)
    return [{ kind: only[1] as string, seed: Number(only[2]), runs }].filter(job => job.kind in kinds);
  const shares = Object.values(kinds).reduce((sum, share) => sum + share, 0);
  const planned = Object.entries(kinds).flatMap(([kind, share]) =>
    Array.from({ length: Math.ceil((count * share) / shares / runs) }, (_, i) => ({
      kind,
      seed: firstSeed * 1_000_003 + i,
      runs,
    })),
  );
  const isPlanned = ({ kind, seed }: JobInput) => planned.some(job => job.kind === kind && job.seed === seed);
  return [...planned, ...always.filter(job => !isPlanned(job))];
}

export function failures(results: readonly JobResult[]): string[] {
  return results.flatMap(({ kind, seed, failure }) =>
    failure === undefined ? [] : [`${kind}, seed ${seed}: ${failure}`],
  );
}

/** How often each step ended how, by kind; undefined when only one job was wanted. Left in a file, with the slowest case of each. */
export function outcomesByKind(
  name: string,
  results: readonly JobResult[],
): Record<string, Record<string, number>> | undefined {
  const kinds: Record<string, { slowestMs: number; outcomes: Record<string, number> }> = {};
  for (const { kind, outcomes, slowestMs } of results) {
    const sum = (kinds[kind] ??= { slowestMs: 0, outcomes: {} });
    sum.slowestMs = Math.max(sum.slowestMs, slowestMs);
    for (const [outcome, count] of Object.entries(outcomes))
      sum.outcomes[outcome] = (sum.outcomes[outcome] ?? 0) + count;
  }
  const folder = fileURLToPath(new URL('../../test-results/fuzz/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}${name}.json`, JSON.stringify(kinds, undefined, 1));
  if (only) return undefined;
  const counts = Object.values(kinds).flatMap(({ outcomes }) => Object.entries(outcomes));
  const times = (wanted: RegExp): number =>
    counts.reduce((sum, [outcome, count]) => sum + (wanted.test(outcome) ? count : 0), 0);
  const slowestMs = Math.max(...Object.values(kinds).map(kind => kind.slowestMs));
  reportCampaign(
    `bad_input_${name}`,
    `${results.reduce((sum, { runs }) => sum + runs, 0)} cases of ${Object.keys(kinds).length} kinds, ${times(/: ok$/)} steps went well, ` +
      `${times(/(?<!: ok)$/)} ended with a named error, ${failures(results).length} jobs failed, slowest case ${slowestMs.toFixed(0)} ms`,
  );
  return Object.fromEntries(Object.entries(kinds).map(([kind, { outcomes }]) => [kind, outcomes]));
}
