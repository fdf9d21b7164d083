// `verify --fixture DIR`: a golden fixture, read in every way, with the largest error of each tensor.
import { errors } from '../protocol/errors.ts';
import { promptSplits, verifyFixture, type VerifyReport } from './verify_fixture.ts';
import { withGpu } from './with_model.ts';

/** Prints one table a way of reading; throws when an error is above its tolerance or a token differs. */
export async function runVerify({ fixture }: { fixture: string }): Promise<void> {
  await withGpu(async gpu => {
    process.stdout.write(`device: ${gpu.facts.name}\n`);
    const failed: string[] = [];
    for (const split of promptSplits) {
      const report = await verifyFixture(gpu, fixture, split);
      process.stdout.write(formatReport(fixture, split.name, report));
      if (!report.passed) failed.push(split.name);
    }
    if (failed.length > 0)
      throw errors.badUsage(`the fixture ${fixture} does not agree with the reference: ${failed.join('; ')}`);
  });
}

function formatReport(fixture: string, split: string, { rows, tokens, passed }: VerifyReport): string {
  const lines = [`${fixture}: ${split}`];
  for (const { name, error, tolerance } of rows)
    lines.push(
      `  ${name.padEnd(32)} ${error.toExponential(2)}  (allowed ${tolerance.toExponential(0)})${error <= tolerance ? '' : '  TOO LARGE'}`,
    );
  for (const { name, got, want } of tokens) {
    const equal = got.length === want.length && got.every((id, i) => id === want[i]);
    lines.push(
      `  ${name.padEnd(32)} ${equal ? `equal (${got.length})` : `DIFFERENT: got ${got.join(' ')}, want ${want.join(' ')}`}`,
    );
  }
  return `${lines.join('\n')}\n  ${passed ? 'passed' : 'FAILED'}\n`;
}
