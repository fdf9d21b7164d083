// Reads the beginning that all questions about a workspace share, while nobody waits, so that the first question need not.
import { generate } from '../generate/generator.ts';
import { createSampler } from '../generate/sampler.ts';
import { systemMessage } from '../prompt/workspace_block.ts';
import { errorLine } from '../protocol/log_line.ts';
import { generateContext } from './answer.ts';
import type { Loaded } from './loaded.ts';

type Run = (steps: (signal: AbortSignal) => AsyncGenerator<void, void>, signal: AbortSignal) => Promise<void>;

export class Prewarm {
  /** The last one: of which block, and how to end it. */
  #last: { block: string | undefined; abort: AbortController } | undefined;

  constructor(private readonly run: Run) {}

  /** Reads the block in the background, unless it was the last one that was read; ends what else is being read. */
  start(loaded: Loaded, block: string | undefined): void {
    if (this.#last?.block === block) return;
    this.stop();
    const mine = (this.#last = { block, abort: new AbortController() });
    this.run(signal => prewarmSteps(loaded, block, signal), mine.abort.signal).catch((error: unknown) => {
      if (this.#last === mine) this.#last = undefined;
      console.error(errorLine(`reading the workspace ahead failed: ${String(error)}`));
    });
  }

  /** Ends the reading. What it has read so far is kept, and whoever asks next goes on from there. */
  stop(): void {
    this.#last?.abort.abort();
  }

  /** Ends the reading of a block, which may be read again; others go on. */
  forget(block: string | undefined): void {
    if (this.#last?.block === block) this.forgetAll();
  }

  /** Ends the reading, whatever it is of: another model has read nothing. */
  forgetAll(): void {
    this.stop();
    this.#last = undefined;
  }
}

/** Nothing is read when the state is there already. */
async function* prewarmSteps(
  loaded: Loaded,
  block: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<void, void> {
  if (signal.aborted) return;
  const system = systemMessage(block);
  const { ids } = loaded.prompts.opening(system);
  if (ids.length > loaded.model.contextTokensMax || loaded.cache.holds(ids, 'chat')) return;
  yield* generate(generateContext(loaded), {
    purpose: 'chat',
    ids,
    // Whoever asks with instructions of their own goes on from the end of the block.
    snapshotsAt: [loaded.prompts.sharedTokens(system, systemMessage(block, 'Some.')), ids.length],
    pinnedAt: ids.length,
    maxTokens: 0,
    sampler: createSampler({}),
    stopIds: new Set(loaded.tokenizer.eosIds),
    stopStrings: [],
    signal,
  });
}
