// What a fixture's states are compared with: final norms, delta states, convolution tails and the ends of the KV caches.
import { runOnce } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { rmsNorm } from '../kernels/rms_norm.ts';
import type { Qwen3Next } from '../model/qwen3_next.ts';
import { ringRows } from '../shared/architecture/footprint.ts';
import type { Qwen3NextSequence } from '../model/sequence/sequence.ts';
import { errors } from '../protocol/errors.ts';

const tailRows = 8;

/** The final norm of `count` rows of x. */
export async function normed(
  { gpu, weights, config }: Qwen3Next,
  x: GpuTensor,
  count: number,
): Promise<Float32Array> {
  const y = gpu.buffers.create('final norm', [count, config.hiddenSize]);
  try {
    await runOnce(gpu, list => rmsNorm(list, x, weights.norm, y, { count, eps: config.rmsEps }));
    return await gpu.readback.floats(y);
  } finally {
    y.dispose();
  }
}

/** The values that rows of a cache hold, `dim` in each. */
export type KvReader = (words: Uint32Array<ArrayBuffer>, dim: number) => ArrayLike<number>;

/** Calls `compare` with each layer's states, under the fixture's names. */
export async function compareStates(
  model: Qwen3Next,
  sequence: Qwen3NextSequence,
  readKv: KvReader,
  compare: (name: string, got: Float32Array) => void,
): Promise<void> {
  for (const [i, layer] of sequence.layers.entries()) {
    if (layer.kind === 'linear') {
      compare(`${i}.recurrent`, await model.gpu.readback.floats(layer.recurrent, 0, stateLength(model)));
      compare(`${i}.conv`, await convTail(model, sequence, i));
    } else {
      compare(`${i}.k_tail`, await kvTail(model, sequence, layer.keys, readKv));
      compare(`${i}.v_tail`, await kvTail(model, sequence, layer.values, readKv));
    }
  }
}

/** The convolution's inputs at the last positions, [kernel - 1, channels], oldest first. */
async function convTail(
  model: Qwen3Next,
  { layers, position }: Qwen3NextSequence,
  i: number,
): Promise<Float32Array> {
  const { config, weights } = model;
  const layer = layers[i];
  const mixer = weights.layers[i]?.mixer;
  if (layer?.kind !== 'linear' || mixer?.kind !== 'linear')
    throw errors.internal(`layer ${i} has no convolution`);
  const { tensor, offset, stride } = mixer.in_proj.view('qkv', layer.ring);
  const ring = await model.gpu.readback.floats(tensor);
  const { convKernel, linearKeyHeads, linearKeyDim, linearValueHeads, linearValueDim } = config;
  const channels = 2 * linearKeyHeads * linearKeyDim + linearValueHeads * linearValueDim;
  const rows = Array.from(
    { length: convKernel - 1 },
    (_, j) => (position - convKernel + 1 + j) & (ringRows(config) - 1),
  );
  return Float32Array.from(
    rows.flatMap(row => [...ring.subarray(offset + row * stride, offset + row * stride + channels)]),
  );
}

/** The last rows of a layer's keys or values, of which the text holds `length`, [rows, heads, dim] turned into the fixture's [heads, rows, dim]. */
export async function kvTail(
  model: Qwen3Next,
  sequence: Qwen3NextSequence,
  tensor: GpuTensor,
  readKv: KvReader,
  length = sequence.position,
): Promise<Float32Array> {
  const { kvHeadCount, headDim } = model.config;
  const words = await sequence.kvRows(tensor, { first: length - tailRows, count: tailRows });
  const flat = readKv(words, headDim);
  return Float32Array.from(flat, (_, at) => {
    const d = at % headDim;
    const row = Math.floor(at / headDim) % tailRows;
    const head = Math.floor(at / headDim / tailRows);
    return flat[(row * kvHeadCount + head) * headDim + d] as number;
  });
}

function stateLength({ config }: Qwen3Next): number {
  return config.linearValueHeads * config.linearKeyDim * config.linearValueDim;
}
