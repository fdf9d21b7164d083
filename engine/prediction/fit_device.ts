// Measures a device with a model at hand: every kind of kernel of a step and of a batch, all of the kind one after another, and what lies
// between them. A small model is enough; what it measures holds for larger ones (docs/PERFORMANCE.md).
import { availableParallelism } from 'node:os';
import { CommandList, Recording } from '../gpu/dispatch.ts';
import { groupsNow, kernelNow, workNow, type EncodedKernel } from '../gpu/encoded_kernel.ts';
import { traitsOf } from '../gpu/counting_gpu.ts';
import type { Gpu } from '../gpu/device.ts';
import { copyBandwidth } from '../gpu/probe.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import type { LoadedModel } from '../model/load.ts';
import { errors } from '../protocol/errors.ts';
import { workKinds, type WorkKind } from '../shared/prediction/cost.ts';
import {
  predictMs,
  type Arithmetic,
  type CountedKernel,
  type DeviceModel,
  type Phase,
} from '../shared/prediction/device_model.ts';
import { clockFor, type Clock } from './clocks.ts';
import type { PredictedDevice } from './count_model.ts';

/** Tokens before what is measured: attention has something to do. */
const context = 1024;
/** Rows of the batch: no more than every device reads at a time. */
const batchRows = 128;
const rounds = 9;
/** A round repeats kernels until it takes so long that a clock can tell. */
const roundMs = 20;
const repeatsMax = 64;
/** Kernels of one submission by which the cost of a launch is told. */
const launchesTimed = 512;
/** Steps of one submission by which the cost of going from kernel to kernel is told. */
const stepsTogether = 4;
const stepsTimed = 24;
const copyBytes = 64 * 2 ** 20;
/** Where there is nothing to measure by. */
const bandwidthUnknown = 10e9;

/** Measures; some seconds, in which nothing else may use device or model. */
export async function fitDevice(model: LoadedModel): Promise<PredictedDevice> {
  const { gpu } = model;
  const clock = clockFor(gpu);
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
    const bandwidth = (await copyBandwidth(gpu, copyBytes, clock)) ?? bandwidthUnknown;
    const times = await timeKinds(gpu, clock, kernels, sequence.tokens);
    const rates = {
      bandwidthGBs: bandwidth / 1e9,
      launchMicros: 1000 * times.launchMs,
      groupsInFlight: groupsInFlightOf(gpu),
    };
    return {
      name: gpu.facts.name,
      ...rates,
      launchMicros: 1000 * (times.launchMs + times.switchMs),
      gigaflops: {
        batch: arithmeticOf(kernels.batch, times.batch, rates),
        step: arithmeticOf(kernels.step, times.step, rates),
      },
      encodeMicros: (await encodeTime(model, step)) / kernels.step.length,
      waitMicros: 1000 * times.answerMs,
      software: gpu.software,
      traits: traitsOf(gpu),
    };
  } finally {
    sequence.dispose();
  }
}

/** A software device has as many workgroups in flight as cores; a GPU as many as its tuning found. */
function groupsInFlightOf({ software, variant }: Gpu): number {
  return software ? availableParallelism() : variant.groupsInFlight;
}

/** The kernel that has the least to do. */
function leastOf(kernels: readonly EncodedKernel[]): EncodedKernel {
  const [least] = kernels.toSorted((a, b) => workNow(a).operations - workNow(b).operations);
  if (!least) throw errors.internal('a step without kernels');
  return least;
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

/** What of a device was measured before its arithmetic. */
type Rates = Pick<DeviceModel, 'bandwidthGBs' | 'launchMicros' | 'groupsInFlight'>;

/** How fast each kind of kernel computes, when bandwidth and launches are as they are. */
function arithmeticOf(
  kernels: readonly EncodedKernel[],
  times: ReadonlyMap<WorkKind, number>,
  rates: Rates,
): Arithmetic {
  const rateOf = (kind: WorkKind): number | undefined => {
    const ms = times.get(kind);
    return ms === undefined ? undefined : rateFor(ms, ofKind(kernels, kind).map(countedKernel), rates);
  };
  const products = rateOf('products') ?? 1;
  return {
    products,
    experts: rateOf('experts') ?? products,
    attention: rateOf('attention') ?? products,
    recurrence: rateOf('recurrence') ?? products,
    rows: rateOf('rows') ?? products,
  };
}

const ofKind = (kernels: readonly EncodedKernel[], kind: WorkKind): EncodedKernel[] =>
  kernels.filter(kernel => workNow(kernel).kind === kind);

/** Limits of what is believed, in billions of operations a second. */
const gigaflopsRange = { min: 1e-3, max: 1e6 };

/** The arithmetic with which these kernels take so long; more than counts where they wait for memory alone. */
export function rateFor(ms: number, kernels: readonly CountedKernel[], rates: Rates): number {
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

/** Milliseconds of all kernels of a kind, by phase, and of what there is beside them. */
interface KindTimes extends Record<Phase, Map<WorkKind, number>> {
  /** Of a submission, whatever is in it, until the host has read what it wrote. */
  answerMs: number;
  /** Of a kernel that has next to nothing to do, after another one like it. */
  launchMs: number;
  /** More for each kernel of a step, where kernels of all kinds follow each other. */
  switchMs: number;
}

/** Kernels that are timed together, so often in one submission. */
interface Measured {
  list: readonly EncodedKernel[];
  times: number;
  /** Milliseconds of each round. */
  all: number[];
  /** The host reads something back, as after a step. */
  read?: boolean;
}

/** Times all kinds in turns, round by round, so that what else the machine does hits them alike; medians count. */
async function timeKinds(
  gpu: Gpu,
  clock: Clock,
  kernels: Record<Phase, readonly EncodedKernel[]>,
  written: GpuTensor,
): Promise<KindTimes> {
  const run = async ({ list, times, read }: Measured): Promise<number> => {
    const recording = new Recording();
    recording.kernels.push(...list);
    const commands = new CommandList(gpu);
    for (let i = 0; i < times; i++) commands.replay(recording);
    const started = clock();
    const answer = read && gpu.readback.after(commands, written);
    commands.submit();
    if (answer) await answer.words();
    else await gpu.idle();
    return clock() - started;
  };
  const least = [leastOf(kernels.step)];
  const one: Measured = { list: least, times: 1, all: [] };
  const many: Measured = { list: least, times: launchesTimed, all: [] };
  const answer: Measured = { list: least, times: 1, all: [], read: true };
  const steps: Measured = { list: kernels.step, times: stepsTogether, all: [] };
  const measured = [one, many, answer, steps];
  const kinds: { phase: Phase; kind: WorkKind; of: Measured }[] = [];
  for (const phase of ['batch', 'step'] as const)
    for (const kind of workKinds) {
      const list = ofKind(kernels[phase], kind);
      if (list.length === 0) continue;
      const times = Math.min(
        repeatsMax,
        Math.max(1, Math.ceil(roundMs / (await run({ list, times: 1, all: [] })))),
      );
      const of: Measured = { list, times, all: [] };
      kinds.push({ phase, kind, of });
      measured.push(of);
    }
  for (let round = 0; round < rounds; round++) for (const some of measured) some.all.push(await run(some));
  const oneMs = middleOf(one.all);
  const launchMs = Math.max(0, (middleOf(many.all) - oneMs) / (launchesTimed - 1));
  const submissionMs = Math.max(0, oneMs - launchMs);
  const ofOne = ({ all, times }: Measured): number => Math.max(0, middleOf(all) - submissionMs) / times;
  const times = { batch: new Map<WorkKind, number>(), step: new Map<WorkKind, number>() };
  for (const { phase, kind, of } of kinds) times[phase].set(kind, ofOne(of));
  const apart = [...times.step.values()].reduce((sum, ms) => sum + ms, 0);
  return {
    ...times,
    launchMs,
    switchMs: Math.max(0, ofOne(steps) - apart) / kernels.step.length,
    answerMs: Math.max(0, middleOf(answer.all) - launchMs),
  };
}

/** Microseconds that the host takes to record a step, the median of some. */
async function encodeTime(model: LoadedModel, step: () => Promise<unknown>): Promise<number> {
  const all: number[] = [];
  for (let i = 0; i < stepsTimed; i++) {
    await step();
    all.push(model.encodeUs);
  }
  return middleOf(all);
}

function middleOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
