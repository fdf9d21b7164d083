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
/** CPU time of a case; one that takes more is run again, since compilers take theirs the first time. */
const cpuMsMax = 1000;

/** What a case took. */
async function measured(work: () => Promise<void>): Promise<{ ms: number; bytes: number }> {
  send({ type: 'case' });
  resetPeak();
  const bytesBefore = peakBytes();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { ms: (user + system) / 1000, bytes: peakBytes() - bytesBefore };
}

/** Takes jobs from the parent for as long as it is there. */
export function serve(kinds: Record<string, Kind>, probe: Probe, memoryMax: number): void {
  const run = async ({ kind: name, seed, runs, directory }: Job): Promise<void> => {
    const faulty = faultyKinds[name];
    const cpuMax = faulty?.cpuMsMax ?? kinds[name]?.cpuMsMax ?? cpuMsMax;
    const cases: fc.Arbitrary<FuzzCase> | undefined = faulty?.cases ?? kinds[name]?.cases;
    if (!cases) throw new Error(`there is no kind "${name}"`);
    const outcomes: Record<string, number> = {};
    let slowestMs = 0;
    const property = fc.asyncProperty(cases, async one => {
      await writeCase(directory, one);
      let found: string[] = [];
      const work = async () => {
        found = await (faulty?.run ?? probe)(join(directory, one.path));
      };
      const { ms, bytes } = await measured(work);
      if (bytes > memoryMax) die(`took ${Math.round(bytes / 1e6)} MB of memory`);
      const atBest = ms > cpuMax ? Math.min(ms, (await measured(work)).ms) : ms;
      if (atBest > cpuMax) die(`took ${Math.round(atBest)} ms of CPU time`);
      slowestMs = Math.max(slowestMs, atBest);
      for (const outcome of found) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
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
