// completion/inline: text around the cursor -> fill-in-the-middle prompt -> one completion.
import { generate, nothingGenerated } from '../generate/generator.ts';
import { interruptionOf } from '../generate/interruption.ts';
import { createSampler } from '../generate/sampler.ts';
import { fillPrompt, fillStopIds, type FillPrompt } from '../prompt/fill.ts';
import type { CompletionParams, CompletionPrompt, CompletionResult } from '../protocol/completion.ts';
import { limits } from '../protocol/limits.ts';
import { textOf } from '../tokenizer/tokenizer.ts';
import { generateContext } from './answer.ts';
import type { Loaded } from './loaded.ts';

/** What the model is given for a completion, and how much it may say. Throws badTokenizer, contextFull. */
function promptOf(
  { path, model, tokenizer }: Loaded,
  params: CompletionParams,
): FillPrompt & { maxTokens: number } {
  const maxTokens = Math.min(params.maxTokens, limits.completionTokensMax);
  const budget = Math.min(model.contextTokensMax - maxTokens, limits.completionPromptTokensMax);
  return { ...fillPrompt(path, tokenizer, params, budget), maxTokens };
}

/** The prompt of a completion, to be read by people. Throws badTokenizer, contextFull. */
export function completionPromptText(loaded: Loaded, params: CompletionParams): CompletionPrompt {
  const { ids } = promptOf(loaded, params);
  return { text: textOf(loaded.tokenizer, ids), tokens: ids.length };
}

/** The steps of one completion: greedy; ends at the first line end unless multiline. */
export async function* completionSteps(
  loaded: Loaded,
  params: CompletionParams,
  signal: AbortSignal,
): AsyncGenerator<void, CompletionResult> {
  const early = interruptionOf(signal);
  if (early) return nothingGenerated(early, loaded.model);
  const { ids, stableLength, maxTokens } = promptOf(loaded, params);
  return yield* generate(generateContext(loaded), {
    purpose: 'completion',
    ids,
    snapshotsAt: [stableLength],
    maxTokens,
    sampler: createSampler({ temperature: 0 }),
    stopIds: new Set(fillStopIds(loaded.tokenizer)),
    stopStrings: params.multiline ? [] : ['\n'],
    signal,
  });
}
