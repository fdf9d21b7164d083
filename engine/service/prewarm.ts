// Reads the beginning that all questions about a workspace share, while nobody waits, so that the first question need not.
import { generate } from '../generate/generator.ts';
import { createSampler } from '../generate/sampler.ts';
import { systemMessage } from '../prompt/workspace_block.ts';
import { errorLine } from '../protocol/log_line.ts';
import type { Pack } from '../workspace/packing/pack.ts';
import { generateContext } from './answer.ts';
import { layoutText } from './kept_layout.ts';
import type { Loaded } from './loaded.ts';

/** What is to be read ahead: the block of the files of a workspace. */
interface Ahead {
  readonly uri: string;
  readonly block: string | undefined;
  /** What the block is made of. */
  readonly pack: Pack | undefined;
  /** See IngestParams. */
  readonly decided: string;
}

type Run = <T>(steps: (signal: AbortSignal) => AsyncGenerator<void, T>, signal: AbortSignal) => Promise<T>;

export class Prewarm {
  /** The last one: of which block, and how to end it. */
  #last: { block: string | undefined; abort: AbortController } | undefined;
  /** Runs while the state of the last one is yet to be kept on the disk. */
  #later: NodeJS.Timeout | undefined;

  constructor(private readonly run: Run) {}

  /**
   * Reads the block of a workspace in the background and keeps its state on the disk, unless it is the last one that is being or was
   * read; ends what else is being read.
   */
  start(loaded: Loaded, { uri, block, pack, decided }: Ahead): void {
    if (this.#last && this.#last.block === block && !this.#last.abort.signal.aborted) return;
    this.stop();
    const mine = (this.#last = { block, abort: new AbortController() });
    const { signal } = mine.abort;
    const work = async (): Promise<void> => {
      const { states } = loaded;
      const ids = await this.run(own => prewarmSteps(loaded, block, own), signal);
      if (!states || signal.aborted) return;
      const layout = (): string => (pack ? layoutText(pack, decided) : '');
      const keep = (): Promise<void> =>
        this.run(own => states.save(ids, { workspace: uri, layout }, own), signal);
      const waitMs = states.waitMs(ids);
      if (waitMs === 0) await keep();
      else this.#later = setTimeout(() => void keep().catch(tellFailed), waitMs).unref();
    };
    work().catch((error: unknown) => {
      if (this.#last === mine) this.#last = undefined;
      tellFailed(error);
    });
  }

  /** Ends the reading. What it has read so far is kept, and whoever asks next goes on from there. */
  stop(): void {
    this.#last?.abort.abort();
    clearTimeout(this.#later);
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

function tellFailed(error: unknown): void {
  console.error(errorLine(`reading the workspace ahead failed: ${String(error)}`));
}

/** Nothing is read when the state is there already. Gives the ids of what was to be read. */
async function* prewarmSteps(
  loaded: Loaded,
  block: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<void, readonly number[]> {
  if (signal.aborted) return [];
  const system = systemMessage(block);
  const { ids } = loaded.prompts.opening(system);
  if (ids.length > loaded.model.contextTokensMax || loaded.cache.holds(ids, 'chat')) return ids;
  if (loaded.states) yield* loaded.states.restore(ids, signal);
  if (loaded.cache.holds(ids, 'chat')) return ids;
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
  return ids;
}
