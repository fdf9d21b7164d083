// Ends a running thought before the model does: somebody asks for the answer, or the thought has used its budget up.

/** Why a thought ended early. */
export type ThoughtCut = 'answerNow' | 'budget';

/** What ends a thought; a line break that it ends with is not written twice. */
export function closingAfter(thinking: string, closing: string): string {
  return thinking.endsWith('\n') ? closing.replace(/^\n+/, '') : closing;
}

export class ThoughtEnd {
  #asked = false;
  #thinks: () => boolean = () => false;

  /** `budgetTokens`: most tokens of the thought; unset: as many as it takes. */
  constructor(private readonly budgetTokens: number = Infinity) {}

  /** The generation that it is for has begun; `thinks` says whether it is inside a thought. */
  watch(thinks: () => boolean): void {
    this.#thinks = thinks;
  }

  /** Has the thought end with the next token. False when nothing is thought now, and nothing will come of it. */
  ask(): boolean {
    if (!this.#thinks()) return false;
    this.#asked = true;
    return true;
  }

  /** Why a thought of so many tokens is to end now; undefined when it goes on. */
  due(thoughtTokens: number): ThoughtCut | undefined {
    if (this.#asked) return 'answerNow';
    return thoughtTokens >= this.budgetTokens ? 'budget' : undefined;
  }
}
