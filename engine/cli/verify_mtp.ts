// The MTP block against a golden fixture (qwen3-next 4.1 to 4.3): prompt rows, three drafts, and real rows after them.
import type { Qwen3Next } from '../model/qwen3_next.ts';
import type { Qwen3NextSequence } from '../model/state.ts';

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
    const out = await model.forwardMtp(
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
      const out = await model.forwardMtp(
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
  const continued = await model.forwardMtp(
    sequence,
    [...tokens.slice(1), nextToken],
    decodedHidden.slice(),
    T,
  );
  return { logits, hidden, draftTokens, draftLogits, draftHidden, continuedLogits: continued.logits };
}
