// The last requests for a completion and what became of each: the answer to "why no suggestion?". No vscode.
import type { GenerationStats } from '../../engine/protocol/chat.ts';
import type { CompletionParams } from '../../engine/protocol/completion.ts';
import { inEnglish, type Phrase } from '../../engine/protocol/phrase.ts';
import type { Change } from '../../engine/shared/completion/cleanup/cleanup.ts';

/** A request that went to the engine. */
export interface Asked {
  params: CompletionParams;
  /** Of the time that the whole took: the pause in typing that was waited for, and then until the engine was ready. */
  pauseMs: number;
  readyMs: number;
  /** What the answer took; undefined where it failed or is awaited. */
  stats?: GenerationStats;
}
export interface TraceEntry {
  /** Path and 1-based line and column. */
  place: string;
  languageId: string;
  explicit: boolean;
  /** Name of the rule or stage that decided. */
  decidedBy: string;
  /** The same for the user. */
  explanation: Phrase;
  /** What clean-up changed in the model's text, in order. */
  changes: readonly Change[];
  /** Unset where nothing was asked of the engine. */
  asked?: Asked;
  shown: boolean;
  tookMs: number;
  at: Date;
}

const entriesMax = 50;

export class CompletionTrace {
  readonly #entries: TraceEntry[] = [];

  add(entry: TraceEntry): void {
    this.#entries.unshift(entry);
    this.#entries.length = Math.min(this.#entries.length, entriesMax);
  }

  /** Newest first. */
  get entries(): readonly TraceEntry[] {
    return this.#entries;
  }
}

/** The time of day of a request, as a clock shows it. */
export function timeOf({ at }: TraceEntry): string {
  return at.toTimeString().slice(0, 8);
}

/** One entry as a line of the log. */
export function describeTrace(entry: TraceEntry): string {
  const { place, explicit, decidedBy, explanation, changes, asked, shown, tookMs } = entry;
  const how = explicit ? 'asked by hand' : 'while typing';
  const rules = [decidedBy, ...changes.map(({ rule }) => rule)].join(', ');
  return `${timeOf(entry)} ${place} (${how}, ${Math.round(tookMs)} ms): ${shown ? 'shown' : 'nothing shown'}, ${inEnglish(explanation)} [${rules}]${asked ? `; ${describeAsked(asked)}` : ''}`;
}

function describeAsked({ pauseMs, readyMs, stats }: Asked): string {
  const waited = `pause ${Math.round(pauseMs)} ms, engine ready ${Math.round(readyMs)} ms`;
  if (!stats) return waited;
  const { promptTokens, reusedTokens, generatedTokens, prefillMs, decodeMs } = stats;
  return `${waited}, ${promptTokens - reusedTokens} tokens read in ${Math.round(prefillMs)} ms, ${reusedTokens} reused, ${generatedTokens} written in ${Math.round(decodeMs)} ms`;
}
