// The process that runs cases: one job after another, each case reported as it begins, so that the parent knows which one
// hung or killed it. What takes more memory than it may ends the process with a report.
import { join } from 'node:path';
import fc from 'fast-check';
import { peakBytes, resetPeak } from '../support/peak_memory.ts';
import { describeCase, writeCase, type FuzzCase, type Kind } from './case.ts';
import type { Job, Report } from './jobs.ts';
import { faultyKinds } from './kinds/faulty.ts';

/** Opens what is at a path; gives how each step ended, throws what is a defect. */
export type Probe = (path: string) => Promise<string[]>;

const send = (report: Report) => process.send?.(report);
/** Takes jobs from the parent for as long as it is there. */
export function serve(kinds: Record<string, Kind>, probe: Probe, memoryMax: number): void {
  const run = async ({ kind: name, seed, runs, directory }: Job): Promise<void> => {
    const faulty = faultyKinds[name];
    const cases: fc.Arbitrary<FuzzCase> | undefined = faulty?.cases ?? kinds[name]?.cases;
    if (!cases) throw new Error(`there is no kind "${name}"`);
    const outcomes: Record<string, number> = {};
    let slowestMs = 0;
    const property = fc.asyncProperty(cases, async one => {
      await writeCase(directory, one);
      send({ type: 'case' });
      resetPeak();
      const bytesBefore = peakBytes();
      const before = process.cpuUsage();
      const path = join(directory, one.path);
      for (const outcome of await (faulty?.run ?? probe)(path))
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      const { user, system } = process.cpuUsage(before);
      slowestMs = Math.max(slowestMs, (user + system) / 1000);
      const taken = peakBytes() - bytesBefore;
      if (taken > memoryMax) die(`took ${Math.round(taken / 1e6)} MB of memory`);
    });
    const details = await fc.check(property, { seed, numRuns: runs });
    const [found] = details.counterexample ?? [];
    // Shrinking ends on a case that passed; the failing one is what is kept.
    if (found) await writeCase(directory, found);
    const { errorInstance } = details;
    const why = errorInstance instanceof Error ? errorInstance.stack : String(errorInstance);
    const failure = details.failed ? `${found ? describeCase(found) : ''}\n${why}` : undefined;
    send({ type: 'done', outcomes, slowestMs: Math.round(slowestMs), ...(failure ? { failure } : {}) });
  };

  process.on('message', (job: Job) => void run(job).catch(die));
  // A promise nobody waits for is a defect like any other.
  process.on('unhandledRejection', die);
  process.on('disconnect', () => process.exit(0));
  const shares = Object.entries(kinds).map(([name, { share }]) => [name, share] as const);
  send({ type: 'ready', kinds: Object.fromEntries(shares) });
}

function die(why: unknown): never {
  send({ type: 'died', why: why instanceof Error ? (why.stack ?? why.message) : String(why) });
  process.exit(1);
}
