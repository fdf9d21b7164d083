// Decoding steps on a slow device: cut into submissions of bounded work, with the same picks.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { rightDrafts } from '../../../engine/model/decode_steps.ts';
import { loadModel, type LoadedModel } from '../../../engine/model/load.ts';
import { embeddedModelPath, goldenTokenizer } from '../../support/embedded_model.ts';

let gpu: Gpu;
let model: LoadedModel;
beforeAll(async () => {
  gpu = await openGpu();
  const checkpoint = await openCheckpoint(embeddedModelPath);
  model = await loadModel(gpu, checkpoint, { mtp: true });
  await checkpoint.close();
});
afterAll(() => {
  model.dispose();
  gpu.dispose();
});

/** Picks of ten steps after the golden prompt, with submissions of so many milliseconds; and the submissions that they took. */
async function decoded(drafts: number, budgetMs: number): Promise<{ picks: number[]; submissions: number }> {
  const { ids } = goldenTokenizer.prompts.plain;
  const sequence = await model.createSequence();
  const usual = gpu.submissions.budgetMs;
  try {
    await model.forward(sequence, ids.slice(0, -1), 'none');
    gpu.submissions.budgetMs = budgetMs;
    const submitted = vi.spyOn(gpu, 'submit');
    const picks: number[] = [];
    let id = ids.at(-1) as number;
    for (let step = 0; step < 10; step++) {
      const result = await model.step(sequence, id, { drafts, logits: false });
      const accepted = rightDrafts(result);
      sequence.takeBack(result.drafts.length - accepted);
      picks.push(...result.picks.slice(0, accepted + 1));
      id = picks.at(-1) as number;
    }
    const submissions = submitted.mock.calls.length;
    submitted.mockRestore();
    return { picks: picks.slice(0, 10), submissions };
  } finally {
    gpu.submissions.budgetMs = usual;
    sequence.dispose();
  }
}

test.each([0, 2])('with %i drafts, a step is cut where it would take too long', async drafts => {
  const whole = await decoded(drafts, Infinity);
  const cut = await decoded(drafts, 0.5);
  expect(cut.picks).toEqual(whole.picks);
  expect(cut.submissions).toBeGreaterThan(3 * whole.submissions);
});
