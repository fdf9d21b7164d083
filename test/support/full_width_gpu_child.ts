// Loads one layer of the released size, 0.9 GB of it experts, reads with it and compares with the plain reference; says what memory that took.
import { openGpu } from '../../engine/gpu/device.ts';
import type { CommandList } from '../../engine/gpu/dispatch.ts';
import type { GpuTensor } from '../../engine/gpu/tensor.ts';
import { loadModel } from '../../engine/model/load.ts';
import type { Qwen3NextSequence } from '../../engine/model/sequence/sequence.ts';
import type { ModelShape } from '../bench/model_shapes.ts';
import { oneLayer } from '../reference/one_layer.ts';
import { compileLater, peakBytes, resetPeak } from './peak_memory.ts';
import { RandomCheckpoint } from './random_checkpoint.ts';

export interface FullWidthReport {
  /** Largest differences from the reference: residual stream and logits of the first rows, read in a batch and one by one. */
  errors: Record<'batch' | 'few', { x: number; logits: number }>;
  /** Largest values of the reference, and how close a router was to choosing otherwise. */
  largest: { x: number; logits: number };
  routerGap: number;
  /** Logits of the batch and of a step after it: how many are not finite. */
  notFinite: number;
  bytes: {
    /** What the model has on the device. */
    device: number;
    /** The most that was resident until the weights were there, above what was before and what is on the device. */
    hostWhileLoading: number;
    /** Most that was resident up to the last step. */
    peak: number;
  };
}

const shape: ModelShape = {
  hidden: 2048,
  layers: 1,
  attentionInterval: process.argv[2] === 'attention' ? 1 : 2,
  heads: 16,
  kvHeads: 2,
  headDim: 256,
  linearKeyHeads: 16,
  linearValueHeads: 32,
  linearDim: 128,
  experts: 512,
  expertsPerToken: 10,
  expertFf: 512,
  sharedFf: 512,
  vocabulary: 4096,
  contextTokens: 4096,
};
const ids = [17, 4000, 1234, 2, 99, 2048, 3333, 512, 7];
/** Rows that are compared: later ones need the whole of a history. */
const compared = 2;

const gpu = await openGpu();
const checkpoint = new RandomCheckpoint(shape, 'Q4_K');
const before = process.memoryUsage.rss();
resetPeak();
let peakWhileLoading = 0;
const model = await loadModel(gpu, checkpoint, {
  kvFormat: 'f32',
  variants: compileLater,
  onProgress: ({ stage }) => {
    if (stage === 'compiling') peakWhileLoading = peakBytes();
  },
});
const device = gpu.buffers.liveBytes;
const hostWhileLoading = peakWhileLoading - before - device;

const { hiddenSize: H } = model.config;
const tapped = gpu.buffers.create('x', [compared, H]);
/** Reads the next ids of a text: logits of all rows, and the residual stream of the first `rows`. */
async function read(sequence: Qwen3NextSequence, next: readonly number[], rows: number) {
  const tap = (list: CommandList, _layer: number, x: GpuTensor) => list.copy(x, 0, tapped, 0, rows * H * 4);
  const logits = [...(await model.forward(sequence, next, 'all', { tap }))];
  return { logits, x: [...(await gpu.readback.floats(tapped, 0, rows * H))] };
}
const sequence = await model.createSequence();
const batch = await read(sequence, ids, compared);
const step = await model.step(sequence, 5, { drafts: 0, logits: true });
// The same ids one by one.
const single = await model.createSequence();
const few: typeof batch = { logits: [], x: [] };
for (const id of ids.slice(0, compared)) {
  const { logits, x } = await read(single, [id], 1);
  few.logits.push(...logits);
  few.x.push(...x);
}
const peak = peakBytes();

const want = oneLayer((...part) => checkpoint.values(...part), shape, ids.slice(0, compared));
const difference = (got: readonly number[], wanted: Float64Array) =>
  wanted.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (got[i] as number))), 0);
const errorsOf = (got: typeof batch) => ({
  x: difference(got.x, want.x),
  logits: difference(got.logits, want.logits),
});
const report: FullWidthReport = {
  errors: { batch: errorsOf(batch), few: errorsOf(few) },
  largest: { x: Math.max(...want.x.map(Math.abs)), logits: Math.max(...want.logits.map(Math.abs)) },
  routerGap: want.routerGap,
  notFinite: [...batch.logits, ...(step.logits ?? [NaN])].filter(value => !Number.isFinite(value)).length,
  bytes: { device, hostWhileLoading, peak },
};
process.send?.(report, () => process.exit(0));
