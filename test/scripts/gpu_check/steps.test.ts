// The steps of a checked GPU, by programs that only pretend: what fails, crashes or hangs ends its step and no other.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gpuReport } from '../../../scripts/gpu_check/report.mjs';
import { runSteps } from '../../../scripts/gpu_check/steps.mjs';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

const about = { version: '1', platform: 'linux-x64', cpu: 'a CPU', node: '24', date: '2026-01-01' };
const device = {
  name: 'A | GPU',
  driver: 'driver 1.2',
  vendor: 'v',
  architecture: 'a',
  backend: 'vulkan',
  software: false,
  features: ['shader-f16'],
  limits: { maxBufferSize: 1 },
};
/** What the pretended engine says to each command. */
const answers = {
  info: { device },
  check: { logits: true, dropped: ['matmul staged f16 is not used'], wrong: [], done: 3, total: 4 },
  tune: { measured: [{ part: 'decode', variant: { teamLanes: 8 }, us: 12, chosen: true }] },
  bench: {
    prefill_tps: 1000,
    prefill_tokens: 512,
    decode_tps: 100,
    decode_tokens: 64,
    ttft_ms: 512,
    bytes_per_token: 1e9,
    dispatches_per_token: 41,
  },
  verify: {},
  make: { path: 'small.gguf' },
  kernels: {
    kernels: [],
    shares: { decode_matvec: 0.5, prefill_matmul: 0.5 },
    read_gbps: 400,
    multiply_add_gflops: 9000,
    pass_ms: { prefill: 1, decode: 1 },
    positions: { prefill: 0, decode: 0 },
    batch: 128,
  },
};

/** Programs that answer by `answers`, and by `behaviour` where it has code for a command. */
function places(behaviour: Record<string, string> = {}) {
  const work = temporaryDirectory();
  const script = join(work, 'pretended.mjs');
  writeFileSync(
    script,
    `const [command] = process.argv.slice(2);
    ${Object.entries(behaviour)
      .map(([command, code]) => `if (command === '${command}') { ${code} }`)
      .join('\n')}
    console.log(JSON.stringify(${JSON.stringify(answers)}[command], null, command === 'info' ? 2 : 0));`,
  );
  const fixtures = [{ name: 'default', path: 'x' }];
  return { node: process.execPath, engine: script, bench: script, model: 'm', fixtures, work };
}
const quietly = { say: () => undefined };

test('every step is run, and the report holds device, speed, bandwidth and what was found', async () => {
  const steps = await runSteps(places(), quietly);
  expect(steps.map(({ name, failed }) => [name, failed])).toEqual(
    ['device', 'selfcheck', 'make', 'selfcheck small']
      .concat(['embedded', 'small'].flatMap(model => [`tune ${model}`, `bench ${model}`, `kernels ${model}`]))
      .concat('fixture default', 'every')
      .map(name => [name, undefined]),
  );
  const report = gpuReport(steps, about);
  expect(report).toMatch(
    /^# Hearth GPU check\n\n\| \| \|\n\| --- \| --- \|\n\| device \| A \/ GPU \|\n\| driver \| driver 1\.2 \|/,
  );
  expect(report).toContain('All 12 steps passed.');
  // 1 GB a token, 100 tokens a second, of 400 GB/s.
  expect(report).toMatch(/\| small +\| 1000 \(512\) +\| 100 \(64\) .*\| 100 +\| 25 % +\| +41 \|/);
  expect(report).toContain('- Dropped: matmul staged f16 is not used');
  expect(report).toContain('Looked at 3 of 4 pairs');
  expect(report).toMatch(/\| decode \| teamLanes 8 \| 12 µs \| chosen \|/);
});

test('the GPU that is asked for is asked of every program', async () => {
  const asked = places({ info: 'if (process.argv.slice(-2).join() !== "--adapter,Arc") process.exit(3);' });
  const [first] = await runSteps({ ...asked, adapter: 'Arc' }, quietly);
  expect(first?.failed).toBeUndefined();
});

test('a step that fails, crashes or takes too long is told with its reason, and the others are run', async () => {
  const steps = await runSteps(
    places({
      check: `console.log(JSON.stringify({ wrong: ['the kernel x is off by 12 %'] })); console.error('hearth: verifyFailed: off'); process.exit(1);`,
      bench: `process.kill(process.pid, 'SIGSEGV');`,
      verify: `setInterval(() => undefined, 1000); await new Promise(() => undefined);`,
    }),
    { ...quietly, stepMinutes: 0.25 },
  );
  const failed = Object.fromEntries(steps.map(({ name, failed: why }) => [name, why]));
  expect(failed['selfcheck']).toBe('ended with 1: hearth: verifyFailed: off');
  expect(failed['bench small']).toMatch(/^ended with SIGSEGV/);
  expect(failed['fixture default']).toBe('took longer than 15 s');
  expect(failed['kernels small']).toBeUndefined();
  const report = gpuReport(steps, about);
  expect(report).toContain('- the kernel x is off by 12 %');
  expect(report).toMatch(/\*\*\d+ of 12 steps failed:\*\* Self-check with the embedded model/);
  expect(report).toContain('## Failed: Speed: small');
});

test('without a device, and without time, there is a report all the same', async () => {
  let ms = 0;
  const steps = await runSteps(
    places({ info: 'console.error("hearth: noAdapter: none"); process.exit(1);' }),
    {
      ...quietly,
      minutes: 1,
      now: () => (ms += 31_000),
    },
  );
  expect(steps[0]?.failed).toContain('noAdapter');
  expect(steps.at(-1)?.failed).toBe('not run: no time was left');
  expect(gpuReport(steps, about)).toContain('| device | none could be opened |');
});
