// The one conversation of a workspace as earlier versions kept it in the editor's storage. Only read.
import * as z from 'zod';
import { interrupt } from '../answer.ts';
import { messageSchema, type Conversation, type Message } from '../conversation.ts';
import { messagesOfTurns, turnsSchema } from './saved_turns.ts';

/** Version 1: messages in a row. Before it, the turns of the page without a version. */
const savedSchema = z.object({
  version: z.literal(1),
  id: z.string().min(1),
  useWorkspace: z.boolean(),
  messages: z.array(z.looseObject({ id: z.string() })),
});

/** The kept conversation, in whichever format it was written; undefined when there is none or it is damaged. */
export function readEarlier(value: unknown): Conversation | undefined {
  const turns = turnsSchema.safeParse(value);
  if (turns.success)
    return conversationOf(
      turns.data.conversationId,
      turns.data.useWorkspace,
      messagesOfTurns(turns.data.turns),
    );
  const saved = savedSchema.safeParse(value);
  if (!saved.success) return undefined;
  const messages = z.array(messageSchema).safeParse(inARow(saved.data.messages));
  return messages.success ? conversationOf(saved.data.id, saved.data.useWorkspace, messages.data) : undefined;
}

function conversationOf(id: string, useWorkspace: boolean, messages: Message[]): Conversation {
  for (const message of messages) if (message.role === 'assistant') interrupt(message);
  return {
    id,
    createdAt: messages[0]?.createdAt ?? Date.now(),
    title: undefined,
    pinned: false,
    useWorkspace,
    messages,
    head: messages.at(-1)?.id ?? null,
    branchNames: {},
  };
}

/** When a message was sent was not kept; it counts as sent now. */
function inARow<Item extends { id: string }>(
  items: readonly Item[],
): (Item & { parent: string | null; createdAt: number })[] {
  const createdAt = Date.now();
  return items.map((item, index) => ({ ...item, parent: items[index - 1]?.id ?? null, createdAt }));
}
