// `verify --fixture DIR`: a golden fixture, read in every way, with the largest error of each tensor.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DeviceChoice, Gpu } from '../gpu/device.ts';
import { errors } from '../protocol/errors.ts';
import { promptSplits, verifyFixture, type VerifyReport } from './verify_fixture.ts';
import { quantsFile, verifyQuants } from './verify_quants.ts';
import { ropeFile, verifyTables } from './verify_tables.ts';
import { withGpu } from './with_model.ts';

/** Prints one table a way of reading; throws verifyFailed when an error is above its tolerance or a token differs. */
export async function runVerify({
  fixture,
  device,
}: {
  fixture: string;
  device: DeviceChoice;
}): Promise<void> {
  await withGpu(device, async gpu => {
    process.stdout.write(`device: ${gpu.facts.name}\n`);
    const failed: string[] = [];
    for (const { name, run } of checksOf(gpu, fixture)) {
      const report = await run();
      process.stdout.write(formatReport(fixture, name, report));
      if (!report.passed) failed.push(name);
    }
    if (failed.length > 0) throw errors.verifyFailed(fixture, failed.join('; '));
  });
}

/** What kind of fixture a folder is, and how it is checked: a model is read in every way. */
function checksOf(gpu: Gpu, fixture: string): { name: string; run: () => Promise<VerifyReport> }[] {
  if (existsSync(join(fixture, quantsFile)))
    return [{ name: 'storage types', run: () => verifyQuants(gpu, fixture) }];
  if (existsSync(join(fixture, ropeFile))) return [{ name: 'tables', run: () => verifyTables(fixture) }];
  return promptSplits.map(split => ({ name: split.name, run: () => verifyFixture(gpu, fixture, split) }));
}

function formatReport(fixture: string, split: string, { rows, tokens, passed }: VerifyReport): string {
  const lines = [`${fixture}: ${split}`];
  for (const { name, error, tolerance } of rows) {
    const allowed = `(allowed ${tolerance.toExponential(0)})${error <= tolerance ? '' : '  TOO LARGE'}`;
    const found = Number.isFinite(error)
      ? `${error.toExponential(2)}  ${allowed}`
      : 'NOT COMPARED, NO NUMBER, OR OF ANOTHER SHAPE';
    lines.push(`  ${name.padEnd(32)} ${found}`);
  }
  for (const { name, got, want } of tokens) {
    const equal = got.length === want.length && got.every((id, i) => id === want[i]);
    lines.push(
      `  ${name.padEnd(32)} ${equal ? `equal (${got.length})` : `DIFFERENT: got ${got.join(' ')}, want ${want.join(' ')}`}`,
    );
  }
  return `${lines.join('\n')}\n  ${passed ? 'passed' : 'FAILED'}\n`;
}
