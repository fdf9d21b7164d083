// The conversation as it is kept between windows: checked when read, capped when written. No vscode.
import * as z from 'zod';
import { conversationSchema, textOf, thoughtOf, type Conversation, type Message } from './conversation.ts';
import { conversationOfTurns, turnsSchema } from './saved_turns.ts';

/** Messages and characters kept; older ones are dropped pair by pair. */
const savedMessagesMax = 200;
const savedCharsMax = 500_000;
/** Characters of thoughts kept besides; the oldest ones go first, their answers stay. */
const savedThoughtCharsMax = 250_000;

/** Where one conversation is kept; workspaceState behind it. */
export interface ConversationStorage {
  load(): unknown;
  save(saved: SavedConversation): void;
}

/** A change of the schema that an older Hearth could not read gets the next version, and this file reads both. */
const savedVersion = 1;
const savedConversation = conversationSchema.extend({ version: z.literal(savedVersion) });
export type SavedConversation = z.output<typeof savedConversation>;

/**
 * The kept conversation, in whichever format it was written; undefined when there is none or it is damaged. An answer that was
 * cut short counts as stopped.
 */
export function restoreConversation(value: unknown): Conversation | undefined {
  const conversation = read(value);
  for (const message of conversation?.messages ?? []) {
    if (message.role !== 'assistant' || message.status !== 'running') continue;
    message.status = 'stopped';
    // How long a thought took that was cut short is not known.
    for (const part of message.parts) if (part.type === 'thought') part.tookMs ??= 0;
  }
  return conversation;
}

/** What is kept of a conversation: the newest messages that fit. */
export function savedOf(conversation: Conversation): SavedConversation {
  return { version: savedVersion, ...conversation, messages: capMessages(conversation.messages) };
}

function read(value: unknown): Conversation | undefined {
  const saved = savedConversation.safeParse(value);
  if (saved.success) {
    const { id, useWorkspace, messages } = saved.data;
    return { id, useWorkspace, messages };
  }
  const turns = turnsSchema.safeParse(value);
  return turns.success ? conversationOfTurns(turns.data) : undefined;
}

/** The newest messages that fit, starting with a user's. */
function capMessages(messages: readonly Message[]): Message[] {
  let chars = 0;
  let from = messages.length;
  while (from > 0 && messages.length - from < savedMessagesMax) {
    const message = messages[from - 1];
    chars += message ? textOf(message).length : 0;
    if (chars > savedCharsMax) break;
    from -= 1;
  }
  while (messages[from]?.role === 'assistant') from += 1;
  return capThoughts(messages.slice(from));
}

function capThoughts(messages: Message[]): Message[] {
  let chars = 0;
  return messages
    .toReversed()
    .map(message => {
      if (message.role !== 'assistant') return message;
      chars += thoughtOf(message)?.text.length ?? 0;
      return chars > savedThoughtCharsMax
        ? { ...message, parts: message.parts.filter(part => part.type !== 'thought') }
        : message;
    })
    .toReversed();
}
