// How many tokens texts take: counted by the model in force, and guessed until it has answered or while there is none.
import { createHash } from 'node:crypto';
import { Emitter, type Event } from 'vscode-jsonrpc/node';
import { limits } from '../../engine/protocol/limits.ts';
import { estimateTokens } from './tokens.ts';

/** Counts that are remembered: more than ever are shown. */
const rememberedMax = 500;

export class TokenCounts {
  readonly #changed = new Emitter<void>();
  readonly #counts = new Map<string, number>();
  readonly #asked = new Set<string>();

  /** `count` gives undefined while no model is ready. */
  constructor(private readonly count: (text: string) => Promise<number | undefined>) {}

  /** When a guess has become a count. */
  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  of(text: string): { tokens: number; estimated: boolean } {
    const key = createHash('sha1').update(text).digest('base64');
    const tokens = this.#counts.get(key);
    if (tokens !== undefined) return { tokens, estimated: false };
    if (text.length <= limits.countCharsMax) void this.#ask(key, text);
    return { tokens: estimateTokens(text), estimated: true };
  }

  /** Another model is in force, which counts in another way. */
  forget(): void {
    this.#counts.clear();
    this.#asked.clear();
    this.#changed.fire();
  }

  async #ask(key: string, text: string): Promise<void> {
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    // A text that could not be counted keeps its guess, and is asked for again when it is shown again.
    const tokens = await this.count(text).catch(() => undefined);
    if (!this.#asked.delete(key) || tokens === undefined) return;
    if (this.#counts.size >= rememberedMax) this.#counts.clear();
    this.#counts.set(key, tokens);
    this.#changed.fire();
  }
}
