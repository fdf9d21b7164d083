// What the list of conversations shows of each, and which of them a search finds. Pure.
import * as z from 'zod';
import { titleOf, textOf, shownText, type Conversation, type Message } from '../conversation.ts';

export const summarySchema = z.object({
  id: z.string(),
  /** '' for a conversation without a question. */
  title: z.string(),
  pinned: z.boolean(),
  /** Date.now() of the newest message. */
  updatedAt: z.number(),
  /** Questions, of all branches. */
  questions: z.number(),
});
export type Summary = z.output<typeof summarySchema>;

/** What the list shows of a conversation. */
export function summaryOf(conversation: Conversation): Summary {
  const { id, pinned, createdAt, messages } = conversation;
  return {
    id,
    title: titleOf(conversation),
    pinned,
    updatedAt: messages.reduce((latest, message) => Math.max(latest, message.createdAt), createdAt),
    questions: messages.filter(({ role }) => role === 'user').length,
  };
}

/** Pinned ones first, then the newest. */
export function inOrder(summaries: readonly Summary[]): Summary[] {
  return summaries.toSorted((a, b) => Number(b.pinned) - Number(a.pinned) || b.updatedAt - a.updatedAt);
}

const excerptChars = 120;

/** The first place that has all words of the query, in whatever case, as one line; undefined without one. `''` for the title. */
export function excerptFor(conversation: Conversation, query: string): string | undefined {
  const words = query.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const hasAll = (text: string): boolean => {
    const lower = text.toLocaleLowerCase();
    return words.every(word => lower.includes(word));
  };
  if (hasAll(titleOf(conversation))) return '';
  const text = conversation.messages.map(wordsOf).find(hasAll);
  if (text === undefined) return undefined;
  const at = text.toLocaleLowerCase().indexOf(words[0] ?? '');
  const from = Math.max(0, at - excerptChars / 3);
  const piece = text.slice(from, from + excerptChars).replaceAll(/\s+/g, ' ');
  return `${from > 0 ? '…' : ''}${piece}${from + excerptChars < text.length ? '…' : ''}`;
}

function wordsOf(message: Message): string {
  return message.role === 'user' ? shownText(message) : textOf(message);
}
