// Loads a model into an engine of its own for one command, and tells what the work cost: the last line on stderr.
import type { GenerationStats } from '../protocol/chat.ts';
import { ClientSession } from '../service/client_session.ts';
import { openGpuDevice } from '../service/device.ts';
import { IdStore } from '../service/id_store.ts';
import { EngineHost } from '../service/engine_host.ts';
import { openModel } from '../service/loaded.ts';
import { symbolsDirectory } from '../service/symbols_directory.ts';
import { notes } from './notes.ts';
import type { ModelLoading } from './with_model.ts';

export interface SessionArgs {
  model: string;
  load?: ModelLoading;
  /** Drafts a step; unset: as many as pay. */
  drafts?: number;
  /** Whether the counts and times are told. */
  stats: boolean;
}

/** Opens GPU and model, runs `use`, frees both, and tells the stats it gave. */
export async function withSession(
  { model, load: { device, ...load } = { contextTokensMax: 0 }, drafts, stats: wanted }: SessionArgs,
  use: (session: ClientSession) => Promise<GenerationStats>,
): Promise<void> {
  const host = new EngineHost({
    device: () => openGpuDevice(device),
    model: openModel,
    ids: new IdStore(),
    symbolsDirectory: symbolsDirectory(),
  });
  let told = {};
  try {
    await host.open();
    await host.load({ ...load, path: model, drafts }, () => undefined);
    const stats = await use(new ClientSession(host));
    told = { ...figures(stats), ...host.loaded?.model.counters?.(stats.contextTokens) };
  } finally {
    await host.dispose();
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
