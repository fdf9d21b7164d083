// Loads a model into a service of its own for one command, and tells what the work cost: the last line on stderr.
import type { GenerationStats } from '../protocol/chat.ts';
import { EngineService } from '../service/service.ts';
import { notes } from './notes.ts';
import type { ModelLoading } from './with_model.ts';

export interface ServiceArgs {
  model: string;
  load?: ModelLoading;
  /** Drafts a step; unset: as many as pay. */
  drafts?: number;
  /** Whether the counts and times are told. */
  stats: boolean;
}

/** Opens GPU and model, runs `use`, frees both, and tells the stats it gave. */
export async function withService(
  { model, load, drafts, stats: wanted }: ServiceArgs,
  use: (service: EngineService) => Promise<GenerationStats>,
): Promise<void> {
  const service = new EngineService(drafts);
  let told = {};
  try {
    await service.open();
    await service.load({ contextTokensMax: 0, ...load, path: model }, () => undefined);
    const stats = await use(service);
    told = { ...figures(stats), ...service.counters(stats.contextTokens) };
  } finally {
    await service.dispose();
  }
  if (wanted) notes.line(JSON.stringify(told));
}

function figures({ promptTokens, reusedTokens, generatedTokens, ...stats }: GenerationStats) {
  const { draftedTokens, acceptedTokens, prefillMs, decodeMs, firstTokenMs } = stats;
  return {
    prefill_tokens: promptTokens - reusedTokens,
    cache_hit_tokens: reusedTokens,
    decode_tokens: generatedTokens,
    drafted_tokens: draftedTokens,
    draft_acceptance: draftedTokens > 0 ? acceptedTokens / draftedTokens : null,
    prefill_ms: prefillMs,
    decode_ms: decodeMs,
    first_token_ms: firstTokenMs,
  };
}
