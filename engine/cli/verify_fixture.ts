// Runs a golden fixture (docs/MODEL.md 14) and reports the largest absolute error of every tensor.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openCheckpoint } from '../checkpoint/open_checkpoint.ts';
import type { Gpu } from '../gpu/device.ts';
import { runOnce, type CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { embedRows } from '../kernels/embed_rows.ts';
import type { KvFormat } from '../kernels/kv_cache.ts';
import type { DeltaVariant } from '../model/layers/gated_delta_net.ts';
import { loadModel } from '../model/load.ts';
import type { Qwen3Next } from '../model/qwen3_next.ts';
import { ropeFrequencies } from '../model/layers/rope.ts';
import type { Qwen3NextSequence } from '../model/sequence/sequence.ts';
import { Comparison, Expected, type Tolerances, type VerifyRow } from './verify_expected.ts';
import { runMtp } from './verify_mtp.ts';
import { compareStates, kvTail, normed, type KvReader } from './verify_states.ts';

/**
 * Largest errors allowed: f32 engine against an f32 reference (docs/MODEL.md 14). Expectations of quantised models were computed
 * from the dequantised weights, so they get no more. Tables: frequencies are off by a unit in the last place.
 */
const exactKv: Tolerances = { logits: 1e-4, hidden: 3e-4, state: 1e-4, table: 2e-7, rowsApart: 0 };

export interface VerifyReport {
  rows: VerifyRow[];
  /** Greedy tokens as expected? */
  tokens: { name: string; got: number[]; want: number[] }[];
  passed: boolean;
}

/** How the prompt is cut into batches. */
export interface PromptSplit {
  name: string;
  delta: DeltaVariant;
  /** Cut positions; the batches are also cut to what one forward takes. */
  cuts: (promptLength: number) => number[];
}
export const promptSplits: readonly PromptSplit[] = [
  { name: 'one batch', delta: 'chunked', cuts: () => [] },
  { name: 'one batch, recurrent', delta: 'recurrent', cuts: () => [] },
  { name: 'several batches', delta: 'chunked', cuts: length => [1, 63, 64, 65, 70, length - 1] },
  {
    name: 'token by token',
    delta: 'recurrent',
    cuts: length => Array.from({ length: length - 1 }, (_, i) => i + 1),
  },
];

/** Another way to keep keys and values than f32: how it is read, and what it may cost. */
export interface VerifyKv {
  format: KvFormat;
  read: KvReader;
  tolerances: Tolerances;
}
const plain: VerifyKv = {
  format: 'f32',
  read: words => new Float32Array(words.buffer),
  tolerances: exactKv,
};

/** Verifies one fixture folder with one way of cutting the prompt. Throws HearthError for a broken folder. */
export async function verifyFixture(
  gpu: Gpu,
  directory: string,
  split: PromptSplit,
  kv: VerifyKv = plain,
): Promise<VerifyReport> {
  const gguf = join(directory, 'model.gguf');
  const checkpoint = await openCheckpoint(existsSync(gguf) ? gguf : directory);
  try {
    const comparison = new Comparison(await Expected.open(directory), kv.tolerances);
    const model = await loadModel(gpu, checkpoint, { mtp: true, kvFormat: kv.format });
    const sequence = await model.createSequence();
    try {
      const tokens = await verify(model, sequence, comparison, split, kv.read);
      const rows = comparison.result();
      const passed =
        rows.every(row => row.error <= row.tolerance) &&
        tokens.every(({ got, want }) => `${got}` === `${want}`);
      return { rows, tokens, passed };
    } finally {
      sequence.dispose();
      model.dispose();
    }
  } finally {
    await checkpoint.close();
  }
}

/** Reads the prompt, then the greedy tokens one by one, then what the MTP block makes of both. */
async function verify(
  model: Qwen3Next,
  sequence: Qwen3NextSequence,
  comparison: Comparison,
  split: PromptSplit,
  readKv: KvReader,
): Promise<VerifyReport['tokens']> {
  const { expected } = comparison;
  const { vocabularySize: vocabulary } = model;
  const { hiddenSize } = model.config;
  const ids = expected.ints('input_ids');
  comparison.compare('rope.inv_freq', ropeFrequencies(model.config).inverse, 'table');
  comparison.compare('embed', await embedded(model, ids), 'table');

  const prompt = await readRows(model, sequence, ids, split);
  for (const [i, out] of prompt.layers.entries()) comparison.compare(`layer.${i}.out`, out, 'hidden');
  comparison.compare('final_norm', prompt.norms, 'hidden');
  comparison.compare('logits', prompt.logits, 'logits');
  const compareState = (prefix: string, everything = false) =>
    compareStates(model, sequence, readKv, (name, got) => {
      // After the prompt all states are there; of those between and after the greedy tokens, some.
      if (everything || expected.has(`${prefix}.${name}`))
        comparison.compare(`${prefix}.${name}`, got, 'state');
    });
  await compareState('state', true);

  const tokens = expected.ints('decode.tokens');
  const nextToken = expected.ints('decode.next_token')[0] as number;
  const greedy = [argmax(prompt.logits.subarray((ids.length - 1) * vocabulary))];
  const decoded = new Float32Array(tokens.length * vocabulary);
  const decodedNorms = new Float32Array(tokens.length * hiddenSize);
  for (const [j, token] of tokens.entries()) {
    const row = await readRows(model, sequence, [token], split);
    decoded.set(row.logits, j * vocabulary);
    decodedNorms.set(row.norms, j * hiddenSize);
    greedy.push(argmax(row.logits));
    await compareState(`decode.${j}.state`);
  }
  comparison.compare('decode.logits', decoded, 'logits');
  comparison.compare('decode.final_norm', decodedNorms, 'hidden');
  await compareState('decode_end.state');
  const report = [{ name: 'greedy tokens', got: greedy, want: [...tokens, nextToken] }];
  if (!sequence.mtp || !expected.has('mtp.logits')) return report;

  const { keys, values } = sequence.mtp;
  const inputs = {
    promptIds: ids,
    tokens,
    nextToken,
    promptHidden: prompt.norms,
    decodedHidden: decodedNorms,
  };
  const mtp = await runMtp(model, sequence, inputs, async () => {
    comparison.compare('mtp.k_tail', await kvTail(model, sequence, keys, readKv, ids.length), 'state');
    comparison.compare('mtp.v_tail', await kvTail(model, sequence, values, readKv, ids.length), 'state');
  });
  comparison.compare('mtp.logits', mtp.logits, 'logits');
  comparison.compare('mtp.hidden', mtp.hidden, 'hidden');
  comparison.compare('mtp.draft_logits', mtp.draftLogits, 'logits');
  comparison.compare('mtp.draft_hidden', mtp.draftHidden, 'hidden');
  comparison.compare('mtp.cont_logits', mtp.continuedLogits, 'logits');
  return [...report, { name: 'draft tokens', got: mtp.draftTokens, want: expected.ints('mtp.draft_tokens') }];
}

/** The table's rows of `ids`. */
async function embedded({ gpu, config, weights }: Qwen3Next, ids: readonly number[]): Promise<Float32Array> {
  const input = gpu.buffers.from('ids', [ids.length], Uint32Array.from(ids));
  const out = gpu.buffers.create('embedded', [ids.length, config.hiddenSize]);
  try {
    await runOnce(gpu, list => embedRows(list, weights.embed_tokens, input, out, ids.length));
    return await gpu.readback.floats(out);
  } finally {
    input.dispose();
    out.dispose();
  }
}

/** Reads `ids` as `split` says: logits of every row, the residual stream after every layer, and its final norm. */
async function readRows(
  model: Qwen3Next,
  sequence: Qwen3NextSequence,
  ids: readonly number[],
  split: PromptSplit,
): Promise<Record<'logits' | 'norms', Float32Array> & { layers: Float32Array[] }> {
  const { gpu, vocabularySize, batchTokensMax } = model;
  const { hiddenSize, layerCount } = model.config;
  const logits = new Float32Array(ids.length * vocabularySize);
  const norms = new Float32Array(ids.length * hiddenSize);
  const layers = Array.from({ length: layerCount }, () => new Float32Array(ids.length * hiddenSize));
  const taps = layers.map((_, i) => gpu.buffers.create(`tap ${i}`, [batchTokensMax, hiddenSize]));
  let from = 0;
  try {
    for (const to of boundaries(split.cuts(ids.length), ids.length, batchTokensMax)) {
      const count = to - from;
      const tap = (list: CommandList, layer: number, x: GpuTensor) =>
        list.copy(x, 0, taps[layer] as GpuTensor, 0, count * hiddenSize * 4);
      const { delta } = split;
      logits.set(
        await model.forward(sequence, ids.slice(from, to), 'all', { delta, tap }),
        from * vocabularySize,
      );
      for (const [i, tap] of taps.entries())
        layers[i]?.set(await gpu.readback.floats(tap, 0, count * hiddenSize), from * hiddenSize);
      norms.set(await normed(model, taps.at(-1) as GpuTensor, count), from * hiddenSize);
      from = to;
    }
  } finally {
    for (const tensor of taps) tensor.dispose();
  }
  return { logits, norms, layers };
}

function* boundaries(cuts: number[], length: number, batchMax: number): Generator<number> {
  let from = 0;
  for (const cut of [...new Set(cuts)]
    .filter(c => c > 0 && c < length)
    .sort((a, b) => a - b)
    .concat(length)) {
    while (cut - from > batchMax) yield (from += batchMax);
    yield (from = cut);
  }
}

/** Index of the largest value; the lower one on a tie. */
export function argmax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i;
  return best;
}
