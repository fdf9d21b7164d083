// The prepared folder: small enough, and it runs on this device from an empty home, without a network where one can be taken away.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundleBytesMax, makeBundle } from '../../../scripts/gpu_check/bundle.mjs';
import { platform } from '../../../scripts/setup/places.mjs';
import { isFullRun } from '../../support/full.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

/** In a full run everything is checked. Every day the first steps show that the programs find each other and their library. */
const minutes = isFullRun ? '60' : '0.1';

test('is not made where something else lies', async () => {
  const folder = temporaryDirectory();
  writeFileSync(join(folder, 'package.json'), '{"name":"hearth"}');
  await expect(makeBundle(folder, platform)).rejects.toThrow('would be lost');
  expect(readdirSync(folder)).toEqual(['package.json']);
});

test('is under 60 MiB, and writes its report', async () => {
  const made = temporaryDirectory();
  expect(await makeBundle(made, platform)).toBeLessThan(bundleBytesMax);
  // Somewhere else than the project, whose packages it must not find.
  const folder = join(temporaryDirectory(), 'hearth-gpu-check');
  cpSync(made, folder, { recursive: true });
  const alone = spawnSync('unshare', ['-rn', 'true']).status === 0 ? ['unshare', '-rn'] : [];
  const [program, ...args] = [...alone, process.execPath, 'gpu-check.mjs', '--minutes', minutes];
  const { status, stderr } = spawnSync(program, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: temporaryDirectory(), GALLIVM_PERF: 'nopt' },
  });
  expect(existsSync(join(folder, 'gpu-report.md')), stderr).toBe(true);
  const report = readFileSync(join(folder, 'gpu-report.md'), 'utf8');
  expect(report).toMatch(/\| What the device is +\| passed/);
  expect(report).not.toContain('none could be opened');
  if (isFullRun) expect([status, report]).toEqual([0, expect.stringContaining('steps passed')]);
});
