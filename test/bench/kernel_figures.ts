// Every kernel of one decoded token and of one prefill batch, timed on its own, and beside those that multiply by weights
// the best plain kernel for the same weights: the share of what the device can do.
import type { Gpu } from '../../engine/gpu/device.ts';
import type { Dispatch } from '../../engine/gpu/dispatch.ts';
import type { GpuTensor } from '../../engine/gpu/tensor.ts';
import type { WeightFormat } from '../../engine/kernels/weight_matrix.ts';
import type { LoadedModel } from '../../engine/model/load.ts';
import { matricesOf } from '../../engine/model/weights/weights.ts';
import {
  plainMultiplyAdd,
  plainProduct,
  plainRead,
  plainWords,
  rowsPerLane,
  type CodeBits,
} from './plain_kernels.ts';
import { recordDispatches } from './recorder.ts';
import { middle, timeDispatches, timeTogether } from './timing.ts';
import { WeightIndex, type WeightUse } from './weight_use.ts';

export interface KernelFigure {
  phase: 'decode' | 'prefill';
  kernel: string;
  /** Times in one pass of the model. */
  count: number;
  /** Of one. */
  us: number;
  weights?: { format: WeightFormat; outputs: number; columns: number; rows: number; experts: boolean };
  gflops?: number;
  gbps?: number;
  /** The plain kernel on the same weights. */
  plain_us?: number;
  plain_gflops?: number;
  /** plain_us / us. */
  share?: number;
}

interface Peaks {
  read_gbps: number;
  multiply_add_gflops: number;
}

export interface KernelFigures extends Peaks {
  device: string;
  batch: number;
  kernels: KernelFigure[];
  /** The whole pass, waiting included: more than the sum of its kernels. */
  pass_ms: { prefill: number; decode: number };
  /** Tokens before it: attention grows with them. */
  positions: { prefill: number; decode: number };
  /** Sum of plain times over sum of times, of all kernels that multiply by weights. */
  shares: { decode_matvec: number; prefill_matmul: number };
}

/** Memory of one plain kernel's weights: enough to be out of the caches of a CPU. */
const plainBytesMax = 64 * 1024 * 1024;

const passesTimed = 3;

/** Needs an idle device. `batch`: tokens of the prefill pass. */
export async function kernelFigures(model: LoadedModel, batch: number): Promise<KernelFigures> {
  const { gpu } = model;
  const before = await peaks(gpu);
  const index = new WeightIndex(matricesOf(model.weights), model.config);
  const kernels: KernelFigure[] = [];
  const passMs = { prefill: 0, decode: 0 };
  const positions = { prefill: 0, decode: 0 };
  for (const phase of ['prefill', 'decode'] as const) {
    const count = phase === 'prefill' ? batch : 1;
    const ids = Array.from({ length: batch }, (_, i) => (i * 7919 + 13) % model.vocabularySize);
    const sequence = await model.createSequence();
    try {
      if (phase === 'decode') await model.forward(sequence, ids, 'none');
      // Decoding wants logits, prefill only of its last batch. The first pass compiles.
      const pass = () => model.forward(sequence, ids.slice(0, count), phase === 'decode' ? 'last' : 'none');
      await pass();
      const times: number[] = [];
      for (let i = 0; i < passesTimed; i++) {
        const started = performance.now();
        await pass();
        times.push(performance.now() - started);
      }
      passMs[phase] = middle(times);
      positions[phase] = sequence.position;
      for (const { name, dispatches, use } of grouped(await recordDispatches(pass), index, count)) {
        const figure = { phase, kernel: name, count: dispatches.length };
        if (use) kernels.push({ ...figure, ...(await compared(gpu, dispatches, use)) });
        else kernels.push({ ...figure, us: (await timeDispatches(gpu, dispatches)) / dispatches.length });
      }
    } finally {
      sequence.dispose();
    }
  }
  return {
    device: gpu.facts.name,
    batch,
    ...peaksOfBoth(before, await peaks(gpu)),
    kernels,
    pass_ms: passMs,
    positions,
    shares: {
      decode_matvec: share(kernels, 'decode'),
      prefill_matmul: share(kernels, 'prefill'),
    },
  };
}

interface Group {
  name: string;
  dispatches: Dispatch[];
  use?: WeightUse;
}

/** Kernels of one name and one size of weights: they follow each other through the layers, as in the model. */
function grouped(recorded: readonly Dispatch[], index: WeightIndex, batch: number): Group[] {
  const groups = new Map<string, Group>();
  for (const dispatch of recorded) {
    const use = index.useOf(dispatch, batch);
    const { name } = dispatch.spec;
    const key = `${name} ${use ? `${use.format} ${use.outputs} ${use.columns}` : ''}`;
    const group = groups.get(key) ?? { name, dispatches: [], use };
    group.dispatches.push(dispatch);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** The engine's kernels and the plain ones for the same weights, in turns. */
async function compared(
  gpu: Gpu,
  dispatches: readonly Dispatch[],
  use: WeightUse,
): Promise<Omit<KernelFigure, 'phase' | 'kernel' | 'count'>> {
  const { format, outputs, columns, rows, experts } = use;
  const plain = plainProducts(gpu, use, dispatches.length);
  try {
    const [own, ...others] = await timeTogether(gpu, [dispatches, ...plain.sets]);
    const us = (own as number) / dispatches.length;
    const plainUs = Math.min(...others) / plain.copies / plain.excess;
    const flops = 2 * outputs * columns * rows;
    return {
      us,
      weights: { format, outputs, columns, rows, experts },
      gflops: flops / us / 1e3,
      gbps: use.bytes / us / 1e3,
      plain_us: plainUs,
      plain_gflops: flops / plainUs / 1e3,
      share: plainUs / us,
    };
  } finally {
    for (const tensor of plain.tensors) tensor.dispose();
  }
}

function share(kernels: readonly KernelFigure[], phase: KernelFigure['phase']): number {
  const rows = kernels.filter(one => one.phase === phase && one.plain_us !== undefined);
  const sum = (of: (one: KernelFigure) => number) =>
    rows.reduce((total, one) => total + one.count * of(one), 0);
  return sum(one => one.plain_us ?? 0) / sum(one => one.us);
}

interface PlainProducts {
  /** One set of dispatches for each way to do it; each goes once through all copies of the weights. */
  sets: Dispatch[][];
  copies: number;
  /** Work done over work asked for: sizes are rounded up. */
  excess: number;
  /** The caller's to free. */
  tensors: GpuTensor[];
}

function plainProducts(gpu: Gpu, use: WeightUse, copiesWanted: number): PlainProducts {
  const up = (value: number, unit: number) => Math.ceil(value / unit) * unit;
  const lanes = gpu.software ? 8 : 64;
  const rows = up(use.rows, rowsPerLane(use.rows));
  const shape = {
    bits: bitsOf(use.format),
    rows,
    outputs: up(use.outputs, 4 * lanes),
    columns: up(use.columns, 32),
    lanes,
  };
  const words = plainWords({ ...shape, shuffle: false });
  const copies = Math.max(1, Math.min(copiesWanted, Math.floor(plainBytesMax / 4 / words.codes)));
  const make = (label: string, length: number) => gpu.buffers.create(label, [Math.max(4, length)]);
  const tensors = {
    codes: make('plain codes', copies * words.codes),
    scales: make('plain scales', copies * words.scales),
    x: make('plain x', rows * shape.columns),
    y: make('plain y', rows * shape.outputs),
  };
  const shuffles = gpu.software && gpu.subgroupLanes === lanes ? [true, false] : [false];
  return {
    sets: shuffles.map(shuffle =>
      Array.from({ length: copies }, (_, copy) => plainProduct({ ...shape, shuffle }, { ...tensors, copy })),
    ),
    copies,
    excess: (shape.outputs * shape.columns * rows) / (use.outputs * use.columns * use.rows),
    tensors: Object.values(tensors),
  };
}

/** Bits of the plain code nearest to the format's. */
function bitsOf(format: WeightFormat): CodeBits {
  if (format === 'F32') return 32;
  if (format === 'F16' || format === 'BF16') return 16;
  return ['Q8_0', 'Q6_K', 'Q5_K', 'Q5_0', 'Q5_1'].includes(format) ? 8 : 4;
}

/** Measured before and after everything else: a peak is what was reached once. */
function peaksOfBoth(a: Peaks, b: Peaks): Peaks {
  return {
    read_gbps: Math.max(a.read_gbps, b.read_gbps),
    multiply_add_gflops: Math.max(a.multiply_add_gflops, b.multiply_add_gflops),
  };
}

async function peaks(gpu: Gpu): Promise<Peaks> {
  return { read_gbps: await readRate(gpu), multiply_add_gflops: await multiplyAddRate(gpu) };
}

async function readRate(gpu: Gpu): Promise<number> {
  const data = gpu.buffers.create('read', [plainBytesMax / 4], 'u32');
  const out = gpu.buffers.create('read out', [plainBytesMax / 16 / 64], 'u32');
  try {
    const dispatch = plainRead(data, out, gpu.software ? 8 : 64);
    return dispatch.bytes / (await timeDispatches(gpu, [dispatch])) / 1e3;
  } finally {
    data.dispose();
    out.dispose();
  }
}

async function multiplyAddRate(gpu: Gpu): Promise<number> {
  const [lanes, groups] = gpu.software ? [8, 256] : [64, 4096];
  const out = gpu.buffers.create('multiply-add out', [lanes * groups]);
  try {
    const dispatch = plainMultiplyAdd(out, lanes, groups);
    return dispatch.flops / (await timeDispatches(gpu, [dispatch])) / 1e3;
  } finally {
    out.dispose();
  }
}
