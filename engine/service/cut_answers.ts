// Answers that were cut, token by token, so that going on with one finds its state: text alone may be cut into other tokens than
// those the model chose, and lacks what was never shown.
import type { Said } from '../generate/said.ts';
import type { ChatMessage } from '../protocol/chat.ts';

/** More than there are sequences to go on with. */
const keptMax = 8;

export class CutAnswers {
  /** The latest comes last. */
  #kept: { promptIds: readonly number[]; said: Said }[] = [];

  /** `promptIds`: what the answer was asked for with. */
  keep(promptIds: readonly number[], said: Said): void {
    this.#kept = [...this.#kept.slice(1 - keptMax), { promptIds, said }];
  }

  /** The answer to this prompt that says what the message says. */
  find(promptIds: readonly number[], { content, thinking = '' }: ChatMessage): Said | undefined {
    return this.#kept.findLast(
      ({ promptIds: ids, said }) =>
        said.text === content &&
        said.thinking.trimEnd() === thinking.trimEnd() &&
        ids.length === promptIds.length &&
        ids.every((id, i) => id === promptIds[i]),
    )?.said;
  }
}
