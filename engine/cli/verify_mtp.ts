// The MTP block against a golden fixture (docs/MODEL.md 8.1 to 8.3): prompt rows, three drafts, and real rows after them.
import { runOnce } from '../gpu/dispatch.ts';
import { noRing } from '../kernels/matvec.ts';
import type { Qwen3Next } from '../model/qwen3_next.ts';
import { logitRowsMax } from '../model/sequence/logits.ts';
import type { Qwen3NextSequence } from '../model/sequence/sequence.ts';
import { errors } from '../protocol/errors.ts';

export interface MtpInputs {
  promptIds: number[];
  /** Greedy tokens after the prompt, and the one after them. */
  tokens: number[];
  nextToken: number;
  /** Final-norm rows of the prompt and of the decoded tokens. */
  promptHidden: Float32Array;
  decodedHidden: Float32Array;
}

export interface MtpOutputs {
  logits: Float32Array;
  hidden: Float32Array;
  draftTokens: number[];
  draftLogits: Float32Array;
  draftHidden: Float32Array;
  continuedLogits: Float32Array;
}

const drafts = 3;

/** Runs the block as speculation would; the sequence must have read prompt and tokens. */
export async function runMtp(
  model: Qwen3Next,
  sequence: Qwen3NextSequence,
  { promptIds, tokens, nextToken, promptHidden, decodedHidden }: MtpInputs,
  afterPrompt: () => Promise<void>,
): Promise<MtpOutputs> {
  const { hiddenSize: H, vocabularySize: V } = model.config;
  const T = promptIds.length;
  // Rows 0 … T-1 take the sequence shifted by one.
  const shifted = [...promptIds.slice(1), tokens[0] as number];
  const logits = new Float32Array(T * V);
  const hidden = new Float32Array(T * H);
  for (let from = 0; from < T; from += model.batchTokensMax) {
    const to = Math.min(T, from + model.batchTokensMax);
    const out = await forwardMtp(
      model,
      sequence,
      shifted.slice(from, to),
      promptHidden.slice(from * H, to * H),
      from,
    );
    logits.set(out.logits, from * V);
    hidden.set(out.hidden, from * H);
  }
  await afterPrompt();
  const draftTokens: number[] = [];
  const draftLogits = new Float32Array(drafts * V);
  const draftHidden = new Float32Array(drafts * H);
  let last = { logits: logits.slice((T - 1) * V), hidden: hidden.slice((T - 1) * H) };
  for (let step = 0; step < drafts; step++) {
    if (step > 0) {
      const out = await forwardMtp(
        model,
        sequence,
        [draftTokens[step - 1] as number],
        last.hidden,
        T - 1 + step,
      );
      last = { logits: out.logits.slice(), hidden: out.hidden.slice() };
    }
    draftLogits.set(last.logits, step * V);
    draftHidden.set(last.hidden, step * H);
    draftTokens.push(
      last.logits.reduce((best, value, id) => (value > (last.logits[best] as number) ? id : best), 0),
    );
  }
  // The drafts are discarded: the same rows again, with the real hidden states.
  const continued = await forwardMtp(
    model,
    sequence,
    [...tokens.slice(1), nextToken],
    decodedHidden.slice(),
    T,
  );
  return { logits, hidden, draftTokens, draftLogits, draftHidden, continuedLogits: continued.logits };
}

/** One pass of the block over `ids` and the hidden states before them, from cache row `start`. */
async function forwardMtp(
  { pass, gpu, config, rope }: Qwen3Next,
  sequence: Qwen3NextSequence,
  ids: readonly number[],
  hidden: Float32Array<ArrayBuffer>,
  start: number,
): Promise<{ logits: Float32Array; hidden: Float32Array }> {
  const { mtp } = sequence;
  const { scratch } = pass;
  if (!mtp || !scratch.mtp) throw errors.internal('the MTP block is not loaded');
  const { vocabularySize: V, hiddenSize: H } = config;
  const { given, made } = scratch.mtp;
  const count = ids.length;
  await sequence.reserveTo(start + count);
  scratch.ids.write(Uint32Array.from(ids));
  const ropeRow = rope.rowOf(start, count);
  given.write(hidden);
  await runOnce(gpu, list =>
    pass.mtp(list, mtp, { ids: scratch.ids, ring: noRing }, { tensor: given }, { count, start, ropeRow }),
  );
  const logits = new Float32Array(count * V);
  for (let row = 0; row < count; row += logitRowsMax) {
    const part = Math.min(logitRowsMax, count - row);
    await runOnce(gpu, list => pass.mtpHead(list, row, { count: part }));
    logits.set(await gpu.readback.floats(scratch.logits, 0, part * V), row * V);
  }
  return { logits, hidden: await gpu.readback.floats(made, 0, count * H) };
}
