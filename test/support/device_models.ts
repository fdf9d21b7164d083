// Devices for tests of predictions, each with one figure that matters.
import type { PredictedDevice } from '../../engine/prediction/count_model.ts';
import type { Arithmetic, DeviceModel } from '../../engine/shared/prediction/device_model.ts';

const even = (rate: number): Arithmetic => ({
  products: rate,
  experts: rate,
  attention: rate,
  recurrence: rate,
  rows: rate,
});

/** A GPU of 100 GB/s, 1 TFLOP/s, 10 µs a launch and 100 workgroups, or as `change` says; `rate` is its arithmetic. */
export function testDevice({
  rate = 1000,
  ...change
}: Partial<DeviceModel> & { rate?: number } = {}): DeviceModel {
  return {
    name: 'test device',
    bandwidthGBs: 100,
    gigaflops: { batch: even(rate), step: even(rate) },
    launchMicros: 10,
    encodeMicros: 0,
    waitMicros: 0,
    groupsInFlight: 100,
    software: false,
    ...change,
  };
}

/** The same with the programs of a usual GPU. */
export function predictedTestDevice(change: Parameters<typeof testDevice>[0] = {}): PredictedDevice {
  const traits = {
    subgroupLanes: 32,
    storageBindingBytesMax: 2 ** 31 - 4,
    bufferBytesMax: 2 ** 32,
    storageBuffersPerStageMax: 13,
    variant: {},
  };
  return { ...testDevice(change), traits };
}
