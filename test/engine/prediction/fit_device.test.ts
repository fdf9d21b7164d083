// A device is described by what was measured on it; what is predicted by the description is what was put in.
import { expect, test } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { parseDevice } from '../../../engine/cli/device_file.ts';
import { openGpu } from '../../../engine/gpu/device.ts';
import { loadModel } from '../../../engine/model/load.ts';
import { fitDevice, rateFor } from '../../../engine/prediction/fit_device.ts';
import { workKinds } from '../../../engine/shared/prediction/cost.ts';
import { kernelMs, type CountedKernel } from '../../../engine/shared/prediction/device_model.ts';
import { testDevice } from '../../support/device_models.ts';
import { embeddedModelPath } from '../../support/embedded_model.ts';

const kernels: CountedKernel[] = [1, 20, 400].map(groups => ({
  name: 'kernel',
  groups,
  work: { kind: 'products', operations: groups * 1e7, bytes: groups * 1e5 },
}));

test('the arithmetic that is found gives the time that was measured', () => {
  for (const rate of [50, 500, 900]) {
    const device = testDevice({ rate });
    const ms = kernels.reduce((sum, kernel) => sum + kernelMs(device, 'step', kernel), 0);
    expect(rateFor(ms, kernels, device) / rate).toBeCloseTo(1, 2);
  }
});

test('kernels that wait for memory alone are not held up by arithmetic', () => {
  const device = testDevice({ rate: 1e7 });
  const ms = kernels.reduce((sum, kernel) => sum + kernelMs(device, 'step', kernel), 0);
  expect(rateFor(0.99 * ms, kernels, device)).toBeGreaterThan(1e5);
});

test('a description of this device can be read back, and knows its programs', async () => {
  const gpu = await openGpu();
  try {
    const checkpoint = await openCheckpoint(embeddedModelPath);
    const model = await loadModel(gpu, checkpoint);
    await checkpoint.close();
    const device = await fitDevice(model);
    expect(parseDevice(JSON.stringify(device), 'device.json')).toEqual(device);
    expect(device).toMatchObject({ name: gpu.facts.name, software: gpu.software });
    expect(device.traits.variant).toEqual(gpu.variant);
    for (const phase of ['batch', 'step'] as const)
      for (const kind of workKinds) expect(device.gigaflops[phase][kind]).toBeGreaterThan(0);
    expect(gpu.onKernel).toBeUndefined();
  } finally {
    gpu.dispose();
  }
});
