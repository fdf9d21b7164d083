// A device of which only the specification is known, with the programs that it is taken to run.
import type { DeviceTraits } from '../gpu/counting_gpu.ts';
import { expectedDevice, type Expectation, type Specification } from '../shared/prediction/specifications.ts';
import type { PredictedDevice } from './count_model.ts';

/** What drivers of usual cards allow. */
const usualLimits = {
  storageBindingBytesMax: 2 ** 31 - 4,
  bufferBytesMax: 2 ** 32,
  storageBuffersPerStageMax: 13,
};

/** The variants that are most likely to be chosen on a GPU whose subgroups have a known size. */
const usualVariant = {
  matmul: 'block',
  attention: 'team',
  fewAttention: 'team',
  subgroupSums: true,
} as const satisfies DeviceTraits['variant'];

/** The device, as far as it can be told before anything was measured. */
export function specifiedDevice(
  specification: Specification,
  expectation: Expectation = 'middle',
): PredictedDevice {
  const device = expectedDevice(specification, expectation);
  const { subgroupLanes } = specification;
  const variant = { ...usualVariant, groupsInFlight: device.groupsInFlight };
  return { ...device, traits: { subgroupLanes, ...usualLimits, variant } };
}
