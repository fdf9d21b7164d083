// The last requests for a completion and what became of each: the answer to "why no suggestion?". No vscode.

export interface TraceEntry {
  /** Path and 1-based line and column. */
  place: string;
  explicit: boolean;
  /** Name of the rule, filter or stage that decided. */
  decidedBy: string;
  /** The same for the user. */
  explanation: string;
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

/** One entry as a line of text. */
export function describeTrace({
  place,
  explicit,
  decidedBy,
  explanation,
  shown,
  tookMs,
  at,
}: TraceEntry): string {
  const time = at.toTimeString().slice(0, 8);
  const how = explicit ? 'asked by hand' : 'while typing';
  return `${time} ${place} (${how}, ${Math.round(tookMs)} ms): ${shown ? 'shown' : 'nothing shown'}, ${explanation} [${decidedBy}]`;
}
