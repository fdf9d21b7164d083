// Runs a golden fixture (qwen3-next section 9) and reports the largest absolute error of every tensor.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openCheckpoint } from '../checkpoint/locate.ts';
import { RangedFile } from '../checkpoint/ranged_file.ts';
import { readSafetensorsHeader } from '../checkpoint/safetensors.ts';
import type { Gpu } from '../gpu/device.ts';
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import type { DeltaForm } from '../model/gated_delta_net.ts';
import { loadModel } from '../model/load.ts';
import type { Qwen3Next } from '../model/qwen3_next.ts';
import type { Qwen3NextSequence } from '../model/state.ts';
import { errors } from '../protocol/errors.ts';
import { runMtp } from './verify_mtp.ts';
import { compareStates, kvTail, normed, stateTolerance } from './verify_states.ts';

/** Largest errors allowed: f32 engine against an f32 reference (qwen3-next section 9). */
export const tolerances = { logits: 2e-4, hidden: 3e-4, state: stateTolerance } as const;

export interface VerifyRow {
  name: string;
  error: number;
  tolerance: number;
}
export interface VerifyReport {
  rows: VerifyRow[];
  /** Greedy tokens as expected? */
  tokens: { name: string; got: number[]; want: number[] }[];
  passed: boolean;
}

/** How the prompt is cut into batches. */
export interface PromptSplit {
  name: string;
  form: DeltaForm;
  /** Cut positions; the batches are also cut to what one forward takes. */
  cuts: (promptLength: number) => number[];
}
export const promptSplits: readonly PromptSplit[] = [
  { name: 'one batch', form: 'chunked', cuts: () => [] },
  { name: 'one batch, recurrent', form: 'recurrent', cuts: () => [] },
  { name: 'several batches', form: 'chunked', cuts: length => [1, 63, 64, 65, 70, length - 1] },
  {
    name: 'token by token',
    form: 'recurrent',
    cuts: length => Array.from({ length: length - 1 }, (_, i) => i + 1),
  },
];

interface Expected {
  floats(name: string): Float32Array | undefined;
  ints(name: string): number[];
}

/** Verifies one fixture folder with one way of cutting the prompt. Throws EngineError for a broken folder. */
export async function verifyFixture(gpu: Gpu, directory: string, split: PromptSplit): Promise<VerifyReport> {
  const gguf = join(directory, 'model.gguf');
  const checkpoint = await openCheckpoint(existsSync(gguf) ? gguf : directory);
  try {
    const expected = await readExpected(directory);
    const model = await loadModel(gpu, checkpoint, { mtp: true, kvFormat: 'f32' });
    const sequence = model.createSequence();
    try {
      return await verify(model, sequence, expected, split);
    } finally {
      sequence.dispose();
      model.dispose();
    }
  } finally {
    await checkpoint.close();
  }
}

async function verify(
  model: Qwen3Next,
  sequence: Qwen3NextSequence,
  expected: Expected,
  split: PromptSplit,
): Promise<VerifyReport> {
  const report: VerifyReport = { rows: [], tokens: [], passed: false };
  const compare = (name: string, got: Float32Array, tolerance: number, wantName = name) => {
    const want = expected.floats(wantName);
    if (!want) return;
    report.rows.push({ name, error: largestError(got, want), tolerance });
  };
  const ids = expected.ints('input_ids');
  const { vocabularySize: vocabulary } = model;
  const { hiddenSize, layerCount } = model.config;
  const logits = new Float32Array(ids.length * vocabulary);
  const layers = Array.from({ length: layerCount }, () => new Float32Array(ids.length * hiddenSize));
  const norms = new Float32Array(ids.length * hiddenSize);
  const taps: GpuTensor[] = layers.map((_, i) =>
    model.gpu.buffers.create(`tap ${i}`, [model.batchTokensMax, hiddenSize]),
  );
  const tap = (count: number) => (list: CommandList, layer: number) =>
    list.copy(model.graph.scratch.x, 0, taps[layer] as GpuTensor, 0, count * hiddenSize * 4);
  const finalNorm = (count: number) => normed(model, taps.at(-1) as GpuTensor, count);
  let from = 0;
  for (const to of [...boundaries(split.cuts(ids.length), ids.length, model.batchTokensMax)]) {
    const count = to - from;
    const batch = await model.forward(sequence, ids.slice(from, to), 'all', {
      form: split.form,
      tap: tap(count),
    });
    logits.set(batch, from * vocabulary);
    for (const [i, tap] of taps.entries())
      layers[i]?.set(await model.gpu.readback.floats(tap, 0, count * hiddenSize), from * hiddenSize);
    norms.set(await finalNorm(count), from * hiddenSize);
    from = to;
  }
  for (const [i, out] of layers.entries()) compare(`layer.${i}.out`, out, tolerances.hidden);
  compare('final_norm', norms, tolerances.hidden);
  compare('logits', logits, tolerances.logits);
  await compareStates(model, sequence, 'state', compare);

  const tokens = expected.ints('decode.tokens');
  const greedy = [argmax(logits.subarray((ids.length - 1) * vocabulary))];
  const decoded = new Float32Array(tokens.length * vocabulary);
  const decodedNorms = new Float32Array(tokens.length * hiddenSize);
  for (const [j, token] of tokens.entries()) {
    const row = await model.forward(sequence, [token], 'last', { tap: tap(1) });
    decoded.set(row, j * vocabulary);
    decodedNorms.set(await finalNorm(1), j * hiddenSize);
    greedy.push(argmax(row));
    await compareStates(model, sequence, `decode.${j}.state`, compare);
  }
  compare('decode.logits', decoded, tolerances.logits);
  compare('decode.final_norm', decodedNorms, tolerances.hidden);
  for (const tensor of taps) tensor.dispose();
  await compareStates(model, sequence, 'decode_end.state', compare);
  report.tokens.push({
    name: 'greedy tokens',
    got: greedy,
    want: [...tokens, ...expected.ints('decode.next_token')],
  });
  if (model.weights.mtp) {
    const inputs = {
      promptIds: ids,
      tokens,
      nextToken: expected.ints('decode.next_token')[0] as number,
      promptHidden: norms,
      decodedHidden: decodedNorms,
    };
    const mtp = await runMtp(model, sequence, inputs, async () => {
      if (!sequence.mtp) return;
      compare('mtp.k_tail', await kvTail(model, sequence.mtp.keys, ids.length), tolerances.state);
      compare('mtp.v_tail', await kvTail(model, sequence.mtp.values, ids.length), tolerances.state);
    });
    compare('mtp.logits', mtp.logits, tolerances.logits);
    compare('mtp.hidden', mtp.hidden, tolerances.hidden);
    compare('mtp.draft_logits', mtp.draftLogits, tolerances.logits);
    compare('mtp.draft_hidden', mtp.draftHidden, tolerances.hidden);
    compare('mtp.cont_logits', mtp.continuedLogits, tolerances.logits);
    report.tokens.push({
      name: 'draft tokens',
      got: mtp.draftTokens,
      want: expected.ints('mtp.draft_tokens'),
    });
  }
  report.passed =
    report.rows.length > 0 &&
    report.rows.every(row => row.error <= row.tolerance) &&
    report.tokens.every(
      ({ got, want }) => got.length === want.length && got.every((id, i) => id === want[i]),
    );
  return report;
}

/** Largest absolute difference; a convolution tail is compared with the newest columns of the fixture's [channels, 4]. */
function largestError(got: Float32Array, want: Float32Array): number {
  if (want.length !== got.length) return convTailError(got, want);
  let worst = 0;
  for (let i = 0; i < got.length; i++) {
    const error = Math.abs((got[i] as number) - (want[i] as number));
    if (!(error <= worst)) worst = error;
  }
  return worst;
}

/** got [3, channels] oldest first; want [channels, 4] newest last. */
function convTailError(got: Float32Array, want: Float32Array): number {
  const columns = 4;
  const channels = want.length / columns;
  const rows = got.length / channels;
  if (!Number.isInteger(channels) || rows !== columns - 1) return Infinity;
  let worst = 0;
  for (let row = 0; row < rows; row++)
    for (let c = 0; c < channels; c++) {
      const error = Math.abs((got[row * channels + c] as number) - (want[c * columns + row + 1] as number));
      if (!(error <= worst)) worst = error;
    }
  return worst;
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

async function readExpected(directory: string): Promise<Expected> {
  const path = join(directory, 'expected.safetensors');
  const file = await RangedFile.open(path);
  const bytes = new Map<string, ArrayBuffer>();
  try {
    for (const { name, position, byteLength } of await readSafetensorsHeader(file)) {
      const data = new Uint8Array(byteLength);
      await file.read(position, data);
      bytes.set(name, data.buffer);
    }
  } finally {
    await file.close();
  }
  return {
    floats: name => {
      const found = bytes.get(name);
      return found && new Float32Array(found);
    },
    ints: name => {
      const found = bytes.get(name);
      if (!found) throw errors.badCheckpoint(path, `it lacks "${name}"`);
      return [...new Int32Array(found)];
    },
  };
}
