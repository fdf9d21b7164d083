// Devices by their names, and what is expected of them.
import { expect, test } from 'vitest';
import { predictMs, evenStep } from '../../../../engine/shared/prediction/device_model.ts';
import {
  expectedDevice,
  specificationOf,
  specifications,
} from '../../../../engine/shared/prediction/specifications.ts';

test.each([
  ['nvidia-geforce-rtx-4090', 'GeForce RTX 4090'],
  ['NVIDIA GeForce RTX 4090', 'GeForce RTX 4090'],
  ['NVIDIA GeForce RTX 4090 Laptop GPU', undefined],
  ['NVIDIA GeForce RTX 3060', 'GeForce RTX 3060 12 GB'],
  ['NVIDIA GeForce RTX 3060 Ti', undefined],
  ['nvidia-geforce-rtx-5090-d', undefined],
  ['AMD Radeon RX 7900 XTX (RADV NAVI31)', 'Radeon RX 7900 XTX'],
  ['apple-m3-max', 'Apple M3 Max (40 cores, 128 GB)'],
  ['Apple M3', undefined],
  ['llvmpipe', undefined],
])('%s is %s', (adapter, name) => {
  expect(specificationOf(adapter)?.name).toBe(name);
});

test('from the worst to the best that is to be expected a step takes less and less', () => {
  const step = evenStep({ launches: 364, operations: 7e9, bytes: 2e9 });
  for (const one of [...specifications, { name: 'another', bandwidthGBs: 256 }]) {
    const [low, middle, high] = (['low', 'middle', 'high'] as const).map(expectation =>
      predictMs(expectedDevice(one, expectation), 'step', step),
    );
    expect(low).toBeGreaterThan(middle!);
    expect(middle).toBeGreaterThan(high!);
    // Never more than the device has.
    expect(high).toBeGreaterThan(2e9 / (one.bandwidthGBs * 1e6));
  }
});
