// Steps with drafts that run ahead of the host, as a text is written on a GPU: whatever the device drafts and accepts, its picks have to be
// those of a plain reading of the same text, and so has the state that it leaves.
import { rightDrafts } from '../model/decode_steps.ts';
import type { LoadedModel } from '../model/load.ts';

/** Drafts of one step after the other: more and less than before, none, and as many as there may be. */
const pattern = [2, 0, 3, 1, 4, 4];

/**
 * How far below the largest logit a pick lies, and how far the logits after all of them are off, whichever is more; NaN for what is no
 * number. The model has an MTP block; `prompt` is what the text goes on from.
 */
export async function draftsError(model: LoadedModel, prompt: readonly number[]): Promise<number> {
  const [ahead, plain] = [await model.createSequence(), await model.createSequence()];
  try {
    const [first = 0] = prompt.slice(-1);
    const before = prompt.slice(0, -1);
    await model.forward(ahead, before, 'none');
    const ids = [first];
    for (const [n, drafts] of pattern.entries()) {
      const step = await model.step(ahead, ids.at(-1) as number, {
        drafts,
        logits: false,
        ahead: pattern[n + 1],
      });
      const right = rightDrafts(step);
      ahead.takeBack(drafts - right);
      ids.push(...step.picks.slice(0, right + 1));
    }
    const width = model.vocabularySize;
    // NaN among the logits gives no pick.
    if (ids.some(id => id >= width)) return NaN;
    await model.forward(plain, before, 'none');
    const wanted = await model.forward(plain, ids, 'all');
    let worst = 0;
    for (let row = 0; row + 1 < ids.length; row++) {
      const logits = wanted.subarray(row * width, (row + 1) * width);
      worst = Math.max(worst, logits.reduce(largest) - (logits[ids[row + 1] as number] as number));
    }
    const last = await model.forward(ahead, ids.slice(-1), 'last');
    const end = wanted.subarray((ids.length - 1) * width);
    return last.reduce((most, value, id) => Math.max(most, Math.abs(value - (end[id] as number))), worst);
  } finally {
    ahead.dispose();
    plain.dispose();
  }
}

/** NaN if one of them is. */
const largest = (a: number, b: number): number => Math.max(a, b);
