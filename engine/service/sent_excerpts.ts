// Which excerpts stood behind which question: a question that goes on finds them where they were, word for word, whatever became of the
// files, so that what was read of the conversation need not be read again.
import { createHash } from 'node:crypto';
import type { ChatMessage } from '../protocol/chat.ts';
import type { RankedPlace } from '../workspace/workspace.ts';

export interface SentExcerpts {
  /** As it stood behind the question. */
  text: string;
  shown: readonly RankedPlace[];
}

/** Questions that are remembered, and characters of their excerpts. */
const keptMax = 2_000;
const keptCharsMax = 16 * 1024 * 1024;

/** A key for each message: of it and all before it. */
export function conversationKeys(messages: readonly ChatMessage[]): string[] {
  let before = '';
  return messages.map(({ role, content }) => {
    before = createHash('sha256').update(`${before}\n${role}\n${content}`).digest('base64');
    return before;
  });
}

export class ExcerptMemory {
  /** By keys, in order of use, oldest first. */
  readonly #kept = new Map<string, SentExcerpts>();
  #chars = 0;

  find(key: string): SentExcerpts | undefined {
    const found = this.#kept.get(key);
    if (found) {
      this.#kept.delete(key);
      this.#kept.set(key, found);
    }
    return found;
  }

  keep(key: string, sent: SentExcerpts): void {
    this.#drop(key);
    this.#kept.set(key, sent);
    this.#chars += sent.text.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= keptMax && this.#chars <= keptCharsMax) break;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    this.#chars -= this.#kept.get(key)?.text.length ?? 0;
    this.#kept.delete(key);
  }
}
