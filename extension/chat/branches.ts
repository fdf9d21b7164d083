// The branches of a conversation: which messages are on the one that is shown, what else was asked or answered at the same
// place, and where another branch ends. Pure.
import type { Conversation, Message } from './conversation.ts';

/** The other ways on from one place, of which the shown message is one. */
export interface Siblings {
  /** In the order in which they were begun. */
  ids: string[];
  /** Which of them is shown, from 0. */
  index: number;
}

/** The message of this id. */
export function messageOf({ messages }: Conversation, id: string): Message | undefined {
  return messages.find(message => message.id === id);
}

/** The messages from the first one to the given one; to the end of the shown branch when none is given. */
export function branchTo(conversation: Conversation, last: string | null = conversation.head): Message[] {
  const byId = new Map(conversation.messages.map(message => [message.id, message]));
  const branch: Message[] = [];
  for (let id = last; id !== null;) {
    const message = byId.get(id);
    if (!message) break;
    branch.push(message);
    // What was kept may be damaged: no message is its own ancestor.
    byId.delete(id);
    id = message.parent;
  }
  return branch.reverse();
}

/** Siblings of all messages of a branch at once, by id; only of those that have others beside them. */
export function siblingsAlong({ messages }: Conversation, branch: readonly Message[]): Map<string, Siblings> {
  const byParent = new Map<string | null, string[]>();
  for (const { id, parent } of messages) byParent.set(parent, [...(byParent.get(parent) ?? []), id]);
  const found = new Map<string, Siblings>();
  for (const { id, parent } of branch) {
    const ids = byParent.get(parent) ?? [];
    if (ids.length > 1) found.set(id, { ids, index: ids.indexOf(id) });
  }
  return found;
}

/** The end of the branch through a message that was used last. */
export function newestEnd({ messages }: Conversation, from: string): string {
  const through = new Set([from]);
  let end = from;
  for (const { id, parent } of messages) {
    if (parent === null || !through.has(parent)) continue;
    through.add(id);
    end = id;
  }
  return end;
}
