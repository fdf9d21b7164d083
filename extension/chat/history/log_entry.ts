// A conversation as a log: what happened to it, an entry a line. Entries are only ever added, so that two windows can write the same
// conversation, and a window that dies loses nothing it has written. Pure.
import * as z from 'zod';
import { addText, addThought, interrupt } from '../answer.ts';
import { messageOf } from '../branches.ts';
import { messageSchema, queuedSchema, textOf, thoughtOf, type Conversation } from '../conversation.ts';

const entrySchema = z.discriminatedUnion('type', [
  /** The first entry of every log. */
  z.object({
    type: z.literal('conversation'),
    version: z.literal(2),
    id: z.string().min(1),
    createdAt: z.number(),
    useWorkspace: z.boolean(),
  }),
  /** A message is new, or is now like this. */
  z.object({ type: z.literal('message'), message: messageSchema }),
  /** An answer, or the thought before it, has grown: `text` begins at this many characters. */
  z.object({ type: z.literal('text'), messageId: z.string(), from: z.number(), text: z.string() }),
  z.object({
    type: z.literal('thought'),
    messageId: z.string(),
    from: z.number(),
    text: z.string(),
    startedAt: z.number(),
    tokens: z.number().optional(),
  }),
  /** This branch is shown. */
  z.object({ type: z.literal('head'), messageId: z.string() }),
  z.object({ type: z.literal('title'), title: z.string().optional() }),
  z.object({ type: z.literal('pinned'), pinned: z.boolean() }),
  z.object({ type: z.literal('useWorkspace'), useWorkspace: z.boolean() }),
  /** These questions wait. */
  z.object({ type: z.literal('queue'), questions: z.array(queuedSchema) }),
  /** A window is about to ask a question that waits. Says nothing of the conversation; see `wonClaim`. */
  z.object({ type: z.literal('claim'), questionId: z.string(), by: z.string(), at: z.number() }),
  z.object({ type: z.literal('branchName'), messageId: z.string(), name: z.string() }),
]);
export type LogEntry = z.output<typeof entrySchema>;

/** The first entry of a conversation's log. */
export function openingEntry({ id, createdAt, useWorkspace }: Conversation): LogEntry {
  return { type: 'conversation', version: 2, id, createdAt, useWorkspace };
}

/** A whole conversation as entries. */
export function entriesOf(conversation: Conversation): LogEntry[] {
  const { title, pinned, messages, head, branchNames, queue = [] } = conversation;
  return [
    openingEntry(conversation),
    ...(title === undefined ? [] : [{ type: 'title' as const, title }]),
    ...(pinned ? [{ type: 'pinned' as const, pinned }] : []),
    ...messages.map(message => ({ type: 'message' as const, message })),
    ...Object.entries(branchNames).map(([messageId, name]) => ({
      type: 'branchName' as const,
      messageId,
      name,
    })),
    ...(head === null ? [] : [{ type: 'head' as const, messageId: head }]),
    ...(queue.length > 0 ? [{ type: 'queue' as const, questions: queue }] : []),
  ];
}

/** Entries as lines of a file. */
export function toLines(entries: readonly LogEntry[]): string {
  return entries.map(entry => `${JSON.stringify(entry)}\n`).join('');
}

/**
 * The conversation that a log tells of; undefined when it has no beginning. Lines that cannot be read are passed over: a disk that was
 * full, a later version, a file that was cut. An answer that was still running counts as interrupted.
 */
export function replay(lines: Iterable<string>): Conversation | undefined {
  let conversation: Conversation | undefined;
  for (const line of lines) {
    const entry = readEntry(line);
    if (!entry) continue;
    if (entry.type === 'conversation') conversation ??= beginning(entry);
    else if (conversation) apply(conversation, entry);
  }
  for (const message of conversation?.messages ?? []) if (message.role === 'assistant') interrupt(message);
  return conversation;
}

/** A claim counts for so long: the window may have died before it asked. */
const claimMs = 60_000;

/**
 * Whether the window that claims a question to ask it is the one to do so: it has not been asked, and no other window has claimed it
 * before. Without any claim in the log, which may be out of reach, it is.
 */
export function wonClaim(
  lines: Iterable<string>,
  { questionId, by }: { questionId: string; by: string },
  now: number,
): boolean {
  let first: string | undefined;
  for (const line of lines) {
    const entry = readEntry(line);
    if (entry?.type === 'message' && entry.message.id === questionId) return false;
    if (entry?.type === 'claim' && entry.questionId === questionId && now - entry.at <= claimMs)
      first ??= entry.by;
  }
  return first === undefined || first === by;
}

function readEntry(line: string): LogEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const entry = entrySchema.safeParse(value);
  return entry.success ? entry.data : undefined;
}

function beginning({
  id,
  createdAt,
  useWorkspace,
}: Extract<LogEntry, { type: 'conversation' }>): Conversation {
  return {
    id,
    createdAt,
    useWorkspace,
    title: undefined,
    pinned: false,
    messages: [],
    head: null,
    branchNames: {},
  };
}

function apply(conversation: Conversation, entry: Exclude<LogEntry, { type: 'conversation' }>): void {
  switch (entry.type) {
    case 'message':
      return putMessage(conversation, entry.message);
    case 'text': {
      const message = messageOf(conversation, entry.messageId);
      // After a failure a line may have been written twice.
      if (message?.role === 'assistant' && textOf(message).length <= entry.from) addText(message, entry.text);
      return;
    }
    case 'thought': {
      const message = messageOf(conversation, entry.messageId);
      if (message?.role === 'assistant' && (thoughtOf(message)?.text.length ?? 0) <= entry.from)
        addThought(message, entry.text, entry);
      return;
    }
    case 'head':
      if (messageOf(conversation, entry.messageId)) conversation.head = entry.messageId;
      return;
    case 'title':
      conversation.title = entry.title;
      return;
    case 'pinned':
      conversation.pinned = entry.pinned;
      return;
    case 'useWorkspace':
      conversation.useWorkspace = entry.useWorkspace;
      return;
    case 'branchName':
      conversation.branchNames[entry.messageId] = entry.name;
      return;
    case 'queue':
      // Another window may not have heard yet that one of them was asked.
      conversation.queue = entry.questions.filter(({ id }) => !messageOf(conversation, id));
      return;
    case 'claim':
      return;
    default:
      return entry satisfies never;
  }
}

/** A message whose parent is not there (its line was damaged) goes to the end of the branch: nothing may be out of reach. */
function putMessage(conversation: Conversation, message: Conversation['messages'][number]): void {
  const { messages } = conversation;
  conversation.queue = conversation.queue?.filter(({ id }) => id !== message.id);
  const index = messages.findIndex(({ id }) => id === message.id);
  if (index >= 0) {
    messages[index] = { ...message, parent: messages[index]?.parent ?? null };
    return;
  }
  const isReachable = message.parent === null || messageOf(conversation, message.parent) !== undefined;
  messages.push(isReachable ? message : { ...message, parent: conversation.head });
  conversation.head = message.id;
}
