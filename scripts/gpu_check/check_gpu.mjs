// Checks a GPU and writes the report, wherever the programs lie.
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { gpuReport } from './report.mjs';
import { budgetMinutes, runSteps } from './steps.mjs';

/** The steps and the report; resolves to whether everything passed. */
export async function checkGpu(places, { out, say, version, minutes = budgetMinutes }) {
  const steps = await runSteps(places, { say, minutes });
  const report = gpuReport(steps, {
    version,
    platform: `${process.platform}-${process.arch}`,
    cpu: `${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} cores`,
    node: process.versions.node,
    date: new Date().toISOString().slice(0, 10),
  });
  writeFileSync(out, report);
  say(`the report is in ${out}`);
  return steps.every(({ failed }) => failed === undefined);
}
