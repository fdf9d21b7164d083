// Common devices by their makers' specifications, and what a device of which no more is known is taken to reach. No figure here was
// measured in this engine. Pure.
import type { Arithmetic, DeviceModel } from './device_model.ts';

/** What the maker says. */
export interface Specification {
  name: string;
  /** What its adapter's name contains, which drivers write with spaces and Dawn with hyphens. */
  adapter: RegExp;
  memoryGB: number;
  bandwidthGBs: number;
  /** Of 32-bit floats, a multiplication and an addition counted as two. */
  teraflops: number;
  /** Compute units: streaming multiprocessors, compute units, cores. */
  units: number;
  subgroupLanes: number;
}

export const specifications: readonly Specification[] = [
  {
    name: 'GeForce RTX 3060 12 GB',
    adapter: /rtx[- ]3060(?![- ](ti|laptop))/i,
    memoryGB: 12,
    bandwidthGBs: 360,
    teraflops: 12.7,
    units: 28,
    subgroupLanes: 32,
  },
  {
    name: 'GeForce RTX 4090',
    adapter: /rtx[- ]4090(?![- ](d|laptop))/i,
    memoryGB: 24,
    bandwidthGBs: 1008,
    teraflops: 82.6,
    units: 128,
    subgroupLanes: 32,
  },
  {
    name: 'GeForce RTX 5090',
    adapter: /rtx[- ]5090(?![- ](d|laptop))/i,
    memoryGB: 32,
    bandwidthGBs: 1792,
    teraflops: 104.8,
    units: 170,
    subgroupLanes: 32,
  },
  {
    name: 'Radeon RX 7900 XTX',
    adapter: /rx[- ]7900[- ]xtx/i,
    memoryGB: 24,
    bandwidthGBs: 960,
    // Without the second operation of a cycle, which few kernels get.
    teraflops: 30.7,
    units: 96,
    subgroupLanes: 32,
  },
  {
    name: 'Apple M3 Max (40 cores, 128 GB)',
    adapter: /apple[- ]m3[- ]max/i,
    // Three quarters of the machine's.
    memoryGB: 96,
    bandwidthGBs: 400,
    teraflops: 14.1,
    units: 40,
    subgroupLanes: 32,
  },
];

/** The device with this in its adapter's name; undefined for one that is not listed. */
export function specificationOf(adapterName: string): Specification | undefined {
  return specifications.find(({ adapter }) => adapter.test(adapterName));
}

/** How far what is reached lies from what is promised: the worst, the usual and the best that are to be expected. */
export type Expectation = 'low' | 'middle' | 'high';

/**
 * Shares of the bandwidth: the best public engine reaches 68 % with this family on unified memory, where launches hide, and all engines
 * less on discrete cards, mostly for the launches between kernels, which are counted apart here. Launches: a barrier and the start of the
 * next kernel. Arithmetic: what kernels without matrix units reach of the peak.
 */
const expected = {
  low: { bandwidth: 0.4, launchMicros: 8, arithmetic: 0.5 },
  middle: { bandwidth: 0.6, launchMicros: 4, arithmetic: 1 },
  high: { bandwidth: 0.75, launchMicros: 2, arithmetic: 1.5 },
} as const;

/** Shares of the peak. The delta rule goes row after row; few rows unpack each weight for a single product. */
const shares: Record<'batch' | 'step', Arithmetic> = {
  batch: { products: 0.3, experts: 0.2, attention: 0.2, recurrence: 0.05, rows: 0.1 },
  step: { products: 0.15, experts: 0.15, attention: 0.2, recurrence: 0.05, rows: 0.1 },
};

/**
 * Workgroups of 64 lanes that a unit needs to have enough on the way: memory answers after some 600 ns, so 1 TB/s takes 600 kB, and a
 * workgroup asks for 2 to 4 kB at a time.
 */
const groupsPerUnit = 2;
/** Of a desktop's processor; the engine itself measured 5 to 7 µs on a slow one that it shared. */
const encodeMicros = 3;
const waitMicros = 100;

/** A device that is not listed: of the middle class, as far as anything but its bandwidth counts. */
const unknownDevice = { teraflops: 15, units: 40 };

/** A device by its specification, or by its bandwidth alone. bandwidthGBs: measured by copies, where it was; takes the place of the promised one. */
export function expectedDevice(
  {
    name,
    bandwidthGBs,
    teraflops = unknownDevice.teraflops,
    units = unknownDevice.units,
  }: Pick<Specification, 'name' | 'bandwidthGBs'> & Partial<Specification>,
  expectation: Expectation,
): DeviceModel {
  const { bandwidth, launchMicros, arithmetic } = expected[expectation];
  const reached = (phase: 'batch' | 'step'): Arithmetic => {
    const of = (share: number): number => 1000 * teraflops * arithmetic * share;
    const { products, experts, attention, recurrence, rows } = shares[phase];
    return {
      products: of(products),
      experts: of(experts),
      attention: of(attention),
      recurrence: of(recurrence),
      rows: of(rows),
    };
  };
  return {
    name,
    bandwidthGBs: bandwidth * bandwidthGBs,
    gigaflops: { batch: reached('batch'), step: reached('step') },
    launchMicros,
    encodeMicros,
    waitMicros,
    groupsInFlight: groupsPerUnit * units,
    software: false,
  };
}
