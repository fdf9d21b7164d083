// Measures a device with a model at hand: every kind of kernel of a step and of a batch, all of the kind one after another, and what lies
// between them. A small model is enough; what it measures holds for larger ones (docs/PERFORMANCE.md).
import { availableParallelism } from 'node:os';
import { CommandList, Recording } from '../gpu/dispatch.ts';
import { groupsNow, kernelNow, workNow, type EncodedKernel } from '../gpu/encoded_kernel.ts';
import type { Gpu } from '../gpu/device.ts';
import { copyBandwidth } from '../gpu/probe.ts';
import type { LoadedModel } from '../model/load.ts';
import { workKinds, type WorkKind } from '../shared/prediction/cost.ts';
import {
  predictMs,
  type Arithmetic,
  type Counted,
  type CountedKernel,
  type DeviceModel,
  type Phase,
} from '../shared/prediction/device_model.ts';
import type { PredictedDevice } from './count_model.ts';

/** Tokens before what is measured: attention has something to do. */
const context = 1024;
/** Rows of the batch: no more than every device reads at a time. */
const batchRows = 128;
const rounds = 7;
/** A round repeats kernels until it takes so long that a clock can tell. */
const roundMs = 20;
const repeatsMax = 64;
const stepsTimed = 24;
const copyBytes = 64 * 2 ** 20;
/** Where there is nothing to measure by. */
const bandwidthUnknown = 10e9;

/** Measures; some seconds, in which nothing else may use device or model. */
export async function fitDevice(model: LoadedModel): Promise<PredictedDevice> {
  const { gpu } = model;
  const sequence = await model.createSequence();
  try {
    await sequence.reserveTo(context + 2 * batchRows + stepsTimed);
    sequence.advance(context);
    const ids = Array.from({ length: batchRows }, (_, i) => (i * 7919 + 13) % model.vocabularySize);
    const readBatch = () => model.forward(sequence, ids, 'last');
    const step = () => model.step(sequence, 1, { drafts: 0, logits: false });
    // Both are compiled and warm when they are recorded.
    await readBatch();
    await step();
    const kernels = { batch: await kernelsOf(gpu, readBatch), step: await kernelsOf(gpu, step) };
    const launchMicros = await launchTime(gpu, kernels.step);
    const bandwidth = (await copyBandwidth(gpu, copyBytes)) ?? bandwidthUnknown;
    const rates = { bandwidthGBs: bandwidth / 1e9, launchMicros, groupsInFlight: groupsInFlightOf(gpu) };
    const gigaflops = {
      batch: await arithmeticOf(gpu, kernels.batch, rates),
      step: await arithmeticOf(gpu, kernels.step, rates),
    };
    const { limits, subgroupLanes, software, variant } = gpu;
    const measured = { ...rates, name: gpu.facts.name, gigaflops, software, encodeMicros: 0, waitMicros: 0 };
    const host = await hostTimes(model, step, measured, kernels.step);
    return {
      ...measured,
      ...host,
      traits: {
        software,
        subgroupLanes,
        storageBindingBytesMax: limits.storageBindingBytesMax,
        bufferBytesMax: limits.bufferBytesMax,
        storageBuffersPerStageMax: limits.storageBuffersPerStageMax,
        variant,
      },
    };
  } finally {
    sequence.dispose();
  }
}

/** A software device has as many workgroups in flight as cores; a GPU as many as its tuning found. */
function groupsInFlightOf({ software, variant }: Gpu): number {
  return software ? availableParallelism() : variant.groupsInFlight;
}

/** The kernels that `run` submits, with the words that they have then. */
async function kernelsOf(gpu: Gpu, run: () => Promise<unknown>): Promise<EncodedKernel[]> {
  const kernels: EncodedKernel[] = [];
  gpu.onKernel = kernel => kernels.push(kernelNow(kernel));
  try {
    await run();
  } finally {
    gpu.onKernel = undefined;
  }
  return kernels;
}

/** Microseconds of a kernel that has next to nothing to do. */
async function launchTime(gpu: Gpu, kernels: readonly EncodedKernel[]): Promise<number> {
  const [least] = kernels.toSorted((a, b) => workNow(a).operations - workNow(b).operations);
  if (!least) return 0;
  const [few, many] = [64, 512];
  const difference = (await timeOf(gpu, [least], many)) * many - (await timeOf(gpu, [least], few)) * few;
  return Math.max(0, (1000 * difference) / (many - few));
}

/** How fast each kind of kernel computes, when bandwidth and launches are as they are. */
async function arithmeticOf(
  gpu: Gpu,
  kernels: readonly EncodedKernel[],
  rates: Pick<DeviceModel, 'bandwidthGBs' | 'launchMicros' | 'groupsInFlight'>,
): Promise<Arithmetic> {
  const found = new Map<WorkKind, number>();
  for (const kind of workKinds) {
    const ofKind = kernels.filter(kernel => workNow(kernel).kind === kind);
    if (ofKind.length > 0)
      found.set(kind, rateFor(await timeOf(gpu, ofKind), ofKind.map(countedKernel), rates));
  }
  const products = found.get('products') ?? 1;
  return {
    products,
    experts: found.get('experts') ?? products,
    attention: found.get('attention') ?? products,
    recurrence: found.get('recurrence') ?? products,
    rows: found.get('rows') ?? products,
  };
}

/** Limits of what is believed, in billions of operations a second. */
const gigaflopsRange = { min: 1e-3, max: 1e6 };

/** The arithmetic with which these kernels take so long; more than counts where they wait for memory alone. */
export function rateFor(
  ms: number,
  kernels: readonly CountedKernel[],
  rates: Pick<DeviceModel, 'bandwidthGBs' | 'launchMicros' | 'groupsInFlight'>,
): number {
  const msAt = (rate: number): number => {
    const all = { products: rate, experts: rate, attention: rate, recurrence: rate, rows: rate };
    const gigaflops = { batch: all, step: all };
    const device = { ...rates, name: '', gigaflops, encodeMicros: 0, waitMicros: 0, software: true };
    return predictMs(device, 'step', { rows: 0, kernels: [...kernels], submissions: 0 });
  };
  let { min, max } = gigaflopsRange;
  while (max / min > 1.001) {
    const middle = Math.sqrt(min * max);
    if (msAt(middle) > ms) min = middle;
    else max = middle;
  }
  return max;
}

function countedKernel(kernel: EncodedKernel): CountedKernel {
  return { name: kernel.name, groups: groupsNow(kernel), work: workNow(kernel) };
}

/** Milliseconds of all these kernels, one after another, the median of some rounds. `repeats`: in one submission; unset: as many as are needed. */
async function timeOf(gpu: Gpu, kernels: readonly EncodedKernel[], repeats?: number): Promise<number> {
  const recording = new Recording();
  recording.kernels.push(...kernels);
  const run = async (times: number): Promise<number> => {
    const list = new CommandList(gpu);
    for (let i = 0; i < times; i++) list.replay(recording);
    const started = performance.now();
    list.submit();
    await gpu.idle();
    return (performance.now() - started) / times;
  };
  const times = repeats ?? Math.min(repeatsMax, Math.max(1, Math.ceil(roundMs / (await run(1)))));
  const all: number[] = [];
  for (let round = 0; round < rounds; round++) all.push(await run(times));
  return middleOf(all);
}

/** What the host takes: for each kernel of a step, and for each submission that it waits for. */
async function hostTimes(
  model: LoadedModel,
  step: () => Promise<unknown>,
  device: DeviceModel,
  kernels: readonly EncodedKernel[],
): Promise<Pick<DeviceModel, 'encodeMicros' | 'waitMicros'>> {
  const steps: { ms: number; encodeUs: number }[] = [];
  for (let i = 0; i < stepsTimed; i++) {
    const started = performance.now();
    await step();
    steps.push({ ms: performance.now() - started, encodeUs: model.encodeUs });
  }
  const encodeUs = middleOf(steps.map(one => one.encodeUs));
  const counted: Counted = { rows: 1, kernels: kernels.map(countedKernel), submissions: 0 };
  const deviceMs = predictMs(device, 'step', counted);
  const waitMs = middleOf(steps.map(({ ms }) => ms)) - deviceMs - encodeUs / 1000;
  return { encodeMicros: encodeUs / kernels.length, waitMicros: Math.max(0, 1000 * waitMs) };
}

function middleOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
