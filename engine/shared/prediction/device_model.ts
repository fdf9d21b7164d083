// A device as predictions know it: memory bandwidth, arithmetic, the cost of a launch, how many workgroups keep it busy. What is predicted
// of one step or one batch follows from what its kernels do. Pure.
import { costMs, type Work, type WorkKind } from './cost.ts';

/** Arithmetic that kernels reach, in billions of operations a second. */
export type Arithmetic = Readonly<Record<WorkKind, number>>;

/** What a device reaches in this engine's kernels: less than its maker promises. */
export interface DeviceModel {
  name: string;
  /** Read and written by kernels that wait for nothing else. */
  bandwidthGBs: number;
  /** Of batches of a prompt, and of a step, whose kernels are others. */
  gigaflops: { batch: Arithmetic; step: Arithmetic };
  /** Of the device, for each kernel: until it begins, and until the next may. */
  launchMicros: number;
  /** Of the host, for each kernel that it records. */
  encodeMicros: number;
  /** Of the host, for each submission whose end it waits for. */
  waitMicros: number;
  /** Fewer workgroups leave a part of the device idle. */
  groupsInFlight: number;
  /** Host and device are one processor: what one does, the other waits for. */
  software: boolean;
}

/** A kernel as it was counted. */
export interface CountedKernel {
  name: string;
  groups: number;
  work: Work;
}

/** What is counted of one step, or of one batch. */
export interface Counted {
  /** Rows that were read. */
  rows: number;
  kernels: CountedKernel[];
  submissions: number;
}

/** A prompt: batches that were counted, each of which stands for as many as it has `times`. */
export interface CountedPrompt {
  tokens: number;
  batches: { counted: Counted; times: number }[];
}

export type Phase = keyof DeviceModel['gigaflops'];

/** Milliseconds of one kernel. */
export function kernelMs(device: DeviceModel, phase: Phase, { work, groups }: CountedKernel): number {
  const { bandwidthGBs, gigaflops, launchMicros, groupsInFlight } = device;
  const speed = {
    operationsPerMs: gigaflops[phase][work.kind] * 1e6,
    bytesPerMs: bandwidthGBs * 1e6,
    launchMs: launchMicros / 1000,
  };
  return costMs(work, speed, Math.min(1, groups / groupsInFlight));
}

/**
 * Milliseconds from the beginning of a step or batch to its end. A GPU works while the host records the next step, so the longer of the
 * two counts; a processor that is both does one after the other.
 */
export function predictMs(device: DeviceModel, phase: Phase, { kernels, submissions }: Counted): number {
  const deviceMs = kernels.reduce((sum, kernel) => sum + kernelMs(device, phase, kernel), 0);
  const hostMs = (kernels.length * device.encodeMicros + submissions * device.waitMicros) / 1000;
  return device.software ? deviceMs + hostMs : Math.max(deviceMs, hostMs);
}

/** Milliseconds until the logits of a prompt's end are there. */
export function predictPromptMs(device: DeviceModel, { batches }: CountedPrompt): number {
  return batches.reduce((sum, { counted, times }) => sum + times * predictMs(device, 'batch', counted), 0);
}

/** A step of which only the sums are known, as kernels that are all alike and keep the device busy. */
export function evenStep({
  launches,
  ...sums
}: { launches: number } & Pick<Work, 'operations' | 'bytes'>): Counted {
  const work: Work = {
    kind: 'products',
    operations: sums.operations / launches,
    bytes: sums.bytes / launches,
  };
  const kernel: CountedKernel = { name: 'mean', groups: Infinity, work };
  return { rows: 1, kernels: new Array<CountedKernel>(launches).fill(kernel), submissions: 1 };
}

/** Everything that kernels do, summed up. */
export function totalWork({ kernels }: Pick<Counted, 'kernels'>): Pick<Work, 'operations' | 'bytes'> {
  const sum = (of: 'operations' | 'bytes') => kernels.reduce((all, { work }) => all + work[of], 0);
  return { operations: sum('operations'), bytes: sum('bytes') };
}
