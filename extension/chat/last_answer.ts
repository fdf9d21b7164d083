// What the last answer of a conversation was made from.
import type { AnswerStats, Message } from './conversation.ts';

/** Files of which it saw passages, and its figures; nothing before the first answer. `branch`: the messages that are shown. */
export function lastAnswerOf(branch: readonly Message[]): {
  excerpts: ReadonlySet<string>;
  stats: AnswerStats | undefined;
} {
  const last = branch.findLast(message => message.role === 'assistant');
  const excerpts = last?.leftOut.flatMap(({ path, excerpt }) => (excerpt ? [path] : [])) ?? [];
  return { excerpts: new Set(excerpts), stats: last?.stats };
}
