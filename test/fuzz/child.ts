// The process that runs cases: one job after another, each case reported as it begins, so that the parent knows which one
// hung or killed it. It holds at most a few cases' worth of memory; what goes beyond ends it with a report.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describeCase, writeCase, type FuzzCase, type Kind } from './case.ts';
import type { Job, Report } from './jobs.ts';
import { faultyKinds } from './kinds/faulty.ts';
import { ggufKinds } from './kinds/gguf.ts';
import { huggingFaceKinds } from './kinds/hugging_face.ts';
import { templateKinds } from './kinds/template.ts';
import { probe } from './probe.ts';

const memoryMax = 256 * 1024 * 1024;

const send = (report: Report) => process.send?.(report);
const peakBytes = () => process.resourceUsage().maxRSS * 1024;

const kinds: Record<string, Kind> = {
  ...(await ggufKinds()),
  ...(await huggingFaceKinds()),
  ...(await templateKinds()),
};
const startBytes = peakBytes();

async function run({ kind: name, seed, runs, directory }: Job): Promise<void> {
  const faulty = faultyKinds[name];
  const kind = kinds[name];
  const cases: fc.Arbitrary<FuzzCase> | undefined = faulty?.cases ?? kind?.cases;
  if (!cases) throw new Error(`there is no kind "${name}"`);
  const outcomes: Record<string, number> = {};
  let slowestMs = 0;
  const property = fc.asyncProperty(cases, async one => {
    await writeCase(directory, one);
    send({ type: 'case' });
    const before = process.cpuUsage();
    const path = join(directory, one.path);
    for (const outcome of await (faulty?.run ?? probe)(path))
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    const { user, system } = process.cpuUsage(before);
    slowestMs = Math.max(slowestMs, (user + system) / 1000);
    if (peakBytes() - startBytes < memoryMax) return;
    send({ type: 'died', why: `took ${Math.round((peakBytes() - startBytes) / 1e6)} MB of memory` });
    process.exit(1);
  });
  const details = await fc.check(property, { seed, numRuns: runs });
  const [found] = details.counterexample ?? [];
  // Shrinking ends on a case that passed; the failing one is what is kept.
  if (found) await writeCase(directory, found);
  const why =
    details.errorInstance instanceof Error ? details.errorInstance.stack : String(details.errorInstance);
  send({
    type: 'done',
    outcomes,
    slowestMs: Math.round(slowestMs),
    runs: details.numRuns,
    ...(details.failed ? { failure: `${found ? describeCase(found) : ''}\n${why}` } : {}),
  });
}

process.on('message', (job: Job) => {
  run(job).catch((error: unknown) => {
    send({ type: 'died', why: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    process.exit(1);
  });
});
// A promise nobody waits for is a defect like any other.
process.on('unhandledRejection', error => {
  send({
    type: 'died',
    why: `a promise nobody waited for: ${error instanceof Error ? error.stack : String(error)}`,
  });
  process.exit(1);
});
process.on('disconnect', () => process.exit(0));
if (!existsSync('package.json')) throw new Error('the fuzz child starts in the root of the project');
send({
  type: 'ready',
  kinds: Object.fromEntries(Object.entries(kinds).map(([name, { share }]) => [name, share])),
});
