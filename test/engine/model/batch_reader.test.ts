// Batches in submissions of bounded work: whatever is cut, whoever comes between and whatever is given up half-way, a text comes out
// bit for bit as it does in one piece.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { openGpu, type Gpu, type OpenGpuOptions } from '../../../engine/gpu/device.ts';
import { whole } from '../../../engine/language_model/whole.ts';
import { loadModel, type LoadedModel } from '../../../engine/model/load.ts';
import { embeddedModelPath } from '../../support/embedded_model.ts';
import { inFullRun } from '../../support/full.ts';

const promptOf = (length: number, first: number) =>
  Array.from({ length }, (_, i) => (i * 37 + first * 101) % 8000);
const prompt = promptOf(150, 1);
const batches = [prompt.slice(0, 100), prompt.slice(100)];
/** Milliseconds by the first guess: some twenty submissions for a batch of 100 rows. */
const submissionMs = 8;

async function open(options: OpenGpuOptions): Promise<{ gpu: Gpu; model: LoadedModel }> {
  const gpu = await openGpu({ ...options, rolledLoops: true });
  const checkpoint = await openCheckpoint(embeddedModelPath);
  const model = await loadModel(gpu, checkpoint, { mtp: true, contextTokensMax: 512 });
  await checkpoint.close();
  return { gpu, model };
}

/** In words, since the numbers are many. */
function firstDifference(got: Float32Array, want: Float32Array): string {
  if (got.length !== want.length) return `${got.length} values, not ${want.length}`;
  for (const [i, value] of want.entries())
    if (!Object.is(got[i], value)) return `value ${i}: ${got[i]}, not ${value}`;
  return 'none';
}

describe.each<{ device: string; options: OpenGpuOptions }>([
  { device: 'the software device', options: {} },
  ...inFullRun<{ device: string; options: OpenGpuOptions }[]>(
    [
      { device: 'the variants of a GPU', options: { software: false } },
      { device: 'plain variants', options: { variant: { matmul: 'tile', attention: 'prefill' } } },
    ],
    [],
  ),
])('with $device', ({ options }) => {
  let gpu: Gpu;
  let model: LoadedModel;
  /** Logits after each batch of the prompt and after three more tokens, drafts of the last step. */
  let want: Float32Array[];

  /** Reads the rest of the text after `read` batches; what it gives. */
  async function* text(from: LoadedModel, sequence: Awaited<ReturnType<LoadedModel['createSequence']>>) {
    for (const ids of batches) yield await from.forward(sequence, ids, 'last');
    yield await from.forward(sequence, [1, 2, 3], 'last');
    const { picks, drafts } = await from.step(sequence, 4, { drafts: 2, logits: false });
    yield Float32Array.from([...picks, ...drafts]);
  }

  beforeAll(async () => {
    const uncut = await open({ ...options, submissionMs: Infinity });
    const sequence = await uncut.model.createSequence();
    want = [];
    for await (const given of text(uncut.model, sequence)) want.push(given);
    sequence.dispose();
    // One for the layers and the head, one for the cache of the MTP block.
    expect(uncut.gpu.submissions.count).toBeGreaterThan(0);
    uncut.model.dispose();
    uncut.gpu.dispose();
    ({ gpu, model } = await open({ ...options, submissionMs }));
  });
  afterAll(() => {
    model.dispose();
    gpu.dispose();
  });

  const newSequence = () => model.createSequence();
  const expectText = (given: Float32Array[], from = 0): void => {
    for (const [i, values] of given.entries())
      expect(firstDifference(values, want[from + i] as Float32Array), `turn ${from + i}`).toBe('none');
  };

  test('many small submissions give what one gives', async () => {
    const before = gpu.submissions.count;
    const sequence = await newSequence();
    const given: Float32Array[] = [];
    for await (const values of text(model, sequence)) given.push(values);
    expectText(given);
    expect(gpu.submissions.count - before).toBeGreaterThan(20);
    expect(gpu.submissions.longestMs).toBeLessThanOrEqual(submissionMs);
    sequence.dispose();
  });

  test('a batch that is given up half-way leaves its sequence as it was', async () => {
    const sequence = await newSequence();
    const turns = text(model, sequence);
    const given = [(await turns.next()).value as Float32Array];
    // After so many of its submissions.
    for (const parts of [1, 4, 9]) {
      const reading = model.read(sequence, prompt.slice(7, 107), 'last');
      const before = gpu.submissions.count;
      for (let part = 0; part < parts; part++) expect((await reading.next()).done).toBe(false);
      const made = gpu.submissions.count - before;
      await reading.return(new Float32Array());
      // One more for what it goes back to; none after it was ended.
      expect(made).toBe(parts + 1);
      expect(gpu.submissions.count - before).toBe(made);
      expect(sequence.position).toBe(100);
    }
    for await (const values of turns) given.push(values);
    expectText(given);
    sequence.dispose();
  });

  test('a batch that begins while another is half-way sends that one back to its beginning', async () => {
    const [first, second] = [await newSequence(), await newSequence()];
    const reading = model.read(first, batches[0]!, 'last');
    for (let part = 0; part < 3; part++) await reading.next();
    const others = text(model, second);
    const given = [(await others.next()).value as Float32Array];
    expectText([await whole(reading)]);
    for await (const values of others) given.push(values);
    expectText(given);
    const rest = await model.forward(first, batches[1]!, 'last');
    expectText([rest], 1);
    for (const sequence of [first, second]) sequence.dispose();
  });
});
