// An answer that was cut, as the model goes on with it: what it has said so far, in tokens and in words.

/** Before the first word, inside a thought, or after it. */
export type ThoughtState = 'before' | 'inside' | 'after';

export interface Said {
  /** From the end of the prompt that asked for it. */
  readonly ids: readonly number[];
  /** What would have come next, where that was chosen already; all ids have been read then. */
  readonly next?: number | undefined;
  readonly thinking: string;
  readonly text: string;
  /** Where it was cut: before its first word, inside a thought, or after that. */
  readonly at: ThoughtState;
  /** Of the thought it was cut in. */
  readonly thoughtTokens: number;
}

/** The answer so far and what was said since, as one. `wasThought`: all text before that turned out to be a thought. */
export function joined(
  before: Pick<Said, 'thinking' | 'text'>,
  since: Pick<Said, 'thinking' | 'text'>,
  { wasThought }: { wasThought: boolean },
): Pick<Said, 'thinking' | 'text'> {
  if (wasThought) return { thinking: before.text + since.thinking, text: since.text };
  return { thinking: before.thinking + since.thinking, text: before.text + since.text };
}
