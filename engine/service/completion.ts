// completion/inline: text around the cursor -> fill-in-the-middle prompt -> one completion.
import { generate, nothingGenerated } from '../generate/generator.ts';
import { interruptionOf } from '../generate/interruption.ts';
import { createSampler } from '../generate/sampler.ts';
import { fillPrompt, fillStopIds } from '../prompt/fill.ts';
import type { CompletionParams, CompletionResult } from '../protocol/completion.ts';
import { limits } from '../protocol/limits.ts';
import { generateContext } from './answer.ts';
import type { Loaded } from './loaded.ts';

/** The steps of one completion: greedy; ends at the first line end unless multiline. */
export async function* completionSteps(
  loaded: Loaded,
  params: CompletionParams,
  signal: AbortSignal,
): AsyncGenerator<void, CompletionResult> {
  const early = interruptionOf(signal);
  if (early) return nothingGenerated(early, loaded.model);
  const maxTokens = Math.min(params.maxTokens, limits.completionTokensMax);
  const budget = Math.min(loaded.model.contextTokensMax - maxTokens, limits.completionPromptTokensMax);
  const { ids, stableLength } = fillPrompt(loaded.path, loaded.tokenizer, params, budget);
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
