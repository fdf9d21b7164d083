// Loading takes at most 512 MB of the host's memory above what the model has on the device, with a vocabulary of 250,000 tokens,
// whatever the container. On the software device the two are the same memory, so the difference is what is measured.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundleChild, root } from '../../support/child_bundle.ts';
import { isFullRun } from '../../support/full.ts';
import { writeHoleGguf, writeHoleSafetensors } from '../../support/hole_model.ts';
import type { LoadingReport } from '../../support/loading_gpu_child.ts';
import { reportOf } from '../../support/measured_child.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

const directory = temporaryDirectory();
const bundle = bundleChild('test/support/loading_gpu_child.ts', join(root, 'test-results', 'host_memory'));
const hostMax = 512 * 2 ** 20;

const containers = [
  ['GGUF', writeHoleGguf, [], 0.35e9],
  ['safetensors', writeHoleSafetensors, [], 0.9e9],
  ['safetensors, rounded to 8 bits', writeHoleSafetensors, ['Q8_0'], 0.45e9],
] as const;
/** The other two read the same container, or store what they read as it is. */
const everyDay = containers.filter(([name]) => name !== 'safetensors');

test.each(isFullRun ? containers : everyDay)('%s', async (name, write, quantize, deviceMin) => {
  const path = await write(join(directory, name));
  const report = await reportOf<LoadingReport>(await bundle, path, ...quantize);
  console.info(name, JSON.stringify(report));
  expect(report.ids.at(-1)).toBe(249_999);
  expect(report.bytes.device).toBeGreaterThan(deviceMin);
  expect(report.bytes.host).toBeGreaterThan(0);
  expect(report.bytes.host).toBeLessThanOrEqual(hostMax);
});
