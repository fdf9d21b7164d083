// What is predicted of counted work: which of a device's figures counts, and in which direction.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Work } from '../../../../engine/shared/prediction/cost.ts';
import {
  evenStep,
  kernelMs,
  predictMs,
  predictPromptMs,
  totalWork,
  type Counted,
  type CountedKernel,
} from '../../../../engine/shared/prediction/device_model.ts';
import { testDevice } from '../../../support/device_models.ts';

const kernel = (work: Partial<Work>, groups = Infinity): CountedKernel => ({
  name: 'kernel',
  groups,
  work: { kind: 'products', operations: 0, bytes: 0, ...work },
});
const counted = (kernels: CountedKernel[], submissions = 1): Counted => ({ rows: 1, kernels, submissions });

describe('kernelMs', () => {
  test('a kernel takes its launch and the longer of arithmetic and memory', () => {
    // 1 ms of memory, 2 ms of arithmetic.
    const both = kernel({ bytes: 100e6, operations: 2e9 });
    expect(kernelMs(testDevice(), 'step', both)).toBeCloseTo(2.01, 9);
    expect(kernelMs(testDevice({ rate: 4000 }), 'step', both)).toBeCloseTo(1.01, 9);
    expect(kernelMs(testDevice(), 'step', kernel({}))).toBeCloseTo(0.01, 9);
  });

  test('few workgroups get their part of the device, many no more than all of it', () => {
    const of = (groups: number) =>
      kernelMs(testDevice({ launchMicros: 0 }), 'step', kernel({ bytes: 100e6 }, groups));
    expect([of(1), of(25), of(100), of(1000)]).toEqual([100, 4, 1, 1]);
  });

  test('kinds of work and phases have rates of their own', () => {
    const device = testDevice({ launchMicros: 0 });
    const gigaflops = {
      batch: { ...device.gigaflops.batch, attention: 500 },
      step: { ...device.gigaflops.step, attention: 250 },
    };
    const of = (phase: 'batch' | 'step', kind: Work['kind']) =>
      kernelMs({ ...device, gigaflops }, phase, kernel({ kind, operations: 1e9 }));
    expect([of('batch', 'products'), of('batch', 'attention'), of('step', 'attention')]).toEqual([1, 2, 4]);
  });
});

describe('predictMs', () => {
  const hundred = counted(new Array<CountedKernel>(100).fill(kernel({ bytes: 100 })));

  test('a launch-bound device gains by fewer kernels, not by bandwidth', () => {
    const device = testDevice();
    expect(predictMs(device, 'step', hundred)).toBeCloseTo(1, 3);
    expect(predictMs(testDevice({ bandwidthGBs: 1000 }), 'step', hundred)).toBeCloseTo(1, 3);
    expect(predictMs(device, 'step', counted(hundred.kernels.slice(50)))).toBeCloseTo(0.5, 3);
  });

  test('a bandwidth-bound device gains by bandwidth, not by launches', () => {
    const large = counted([kernel({ bytes: 10e9 })]);
    expect(predictMs(testDevice(), 'step', large)).toBeCloseTo(100, 1);
    expect(predictMs(testDevice({ launchMicros: 1 }), 'step', large)).toBeCloseTo(100, 1);
    expect(predictMs(testDevice({ bandwidthGBs: 200 }), 'step', large)).toBeCloseTo(50, 1);
  });

  test('a GPU works while the host records, a processor does both', () => {
    const slow = { encodeMicros: 30, waitMicros: 500 };
    expect(predictMs(testDevice(slow), 'step', hundred)).toBeCloseTo(3.5, 3);
    expect(predictMs(testDevice({ ...slow, encodeMicros: 1 }), 'step', hundred)).toBeCloseTo(1, 3);
    expect(predictMs(testDevice({ ...slow, software: true }), 'step', hundred)).toBeCloseTo(4.5, 3);
  });

  test('more work is never faster, and a better device never slower', () => {
    const size = fc.double({ min: 0, max: 1e12, noNaN: true });
    const work = fc.record({ operations: size, bytes: size });
    const works = fc.array(fc.tuple(work, fc.integer({ min: 1, max: 2000 })), { maxLength: 5 });
    const more = fc.double({ min: 1, max: 100, noNaN: true });
    fc.assert(
      fc.property(works, fc.tuple(work, fc.integer({ min: 1, max: 2000 })), more, (list, extra, factor) => {
        const kernels = list.map(([one, groups]) => kernel(one, groups));
        const ms = (change: Parameters<typeof testDevice>[0], all = kernels) =>
          predictMs(testDevice(change), 'step', counted(all));
        const usual = ms({});
        expect(ms({}, [...kernels, kernel(extra[0], extra[1])])).toBeGreaterThanOrEqual(usual);
        for (const better of [
          { bandwidthGBs: 100 * factor },
          { rate: 1000 * factor },
          { launchMicros: 10 / factor },
          { groupsInFlight: 100 / factor },
        ])
          expect(ms(better)).toBeLessThanOrEqual(usual);
      }),
    );
  });
});

test('a prompt takes as long as its batches, each as often as it stands for others', () => {
  const batch = (bytes: number) => counted([kernel({ bytes })]);
  const batches = [
    { counted: batch(100e6), times: 3 },
    { counted: batch(200e6), times: 1 },
  ];
  expect(predictPromptMs(testDevice(), { tokens: 4, batches })).toBeCloseTo(3 * 1.01 + 2.01, 9);
});

test('a step of which only sums are known has these sums and as many launches', () => {
  const step = evenStep({ launches: 364, operations: 7e9, bytes: 2e9 });
  const { operations, bytes } = totalWork(step);
  expect(step.kernels).toHaveLength(364);
  expect(operations / 7e9).toBeCloseTo(1, 9);
  expect(bytes / 2e9).toBeCloseTo(1, 9);
  // 20 ms of memory and 3.64 ms of launches.
  expect(predictMs(testDevice(), 'step', step)).toBeCloseTo(23.64, 6);
});
