// One conversation with the model: a tree of messages made of parts, in which an edited message or another answer begins a branch
// (branches.ts). The types come from one schema, which also checks what was kept. Knows neither the page nor the editor.
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { ChatMessage, SourceLink } from '../../engine/protocol/chat.ts';
import { errorCodes, type HearthErrorName } from '../../engine/protocol/errors.ts';
import { attachmentSchema, type Attachment } from '../context/attachment.ts';
import { questionForModel } from './question_text.ts';

const text = z.object({ type: z.literal('text'), text: z.string() });
/** What the model thought before it went on. `startedAt` is Date.now() of its first word; no `tookMs` while it goes on. */
const thought = z.object({
  type: z.literal('thought'),
  text: z.string(),
  startedAt: z.number(),
  tookMs: z.number().optional(),
  tokens: z.number().optional(),
  /** It was ended before the model did: the user asked for the answer, or its budget was used up. */
  cut: z.enum(['answerNow', 'budget']).optional(),
});
const toolCall = z.object({
  type: z.literal('toolCall'),
  callId: z.string(),
  name: z.string(),
  arguments: z.record(z.string(), z.unknown()),
});
const toolResult = z.object({
  type: z.literal('toolResult'),
  callId: z.string(),
  text: z.string(),
  failed: z.boolean(),
});

/** A place that backs an answer, as the engine names it. */
const source = z.object({
  path: z.string(),
  uri: z.string(),
  startLine: z.number(),
  endLine: z.number(),
  origin: z.enum(['cited', 'ranked']),
  /** How the model saw the file; unknown of answers that an earlier version kept. */
  seen: z.enum(['whole', 'excerpt']).optional(),
}) satisfies z.ZodType<Omit<SourceLink, 'seen'>>;
/** A file that the model did not see whole. */
export const leftOutSchema = z.object({
  path: z.string(),
  reason: z.string(),
  /** Stands for so many files that are not named. */
  files: z.number().optional(),
  /** The model saw a passage of it. */
  excerpt: z.boolean().optional(),
});
/** The figures of an answer. An answer of one token has no speed: nothing was measured. */
export const statsSchema = z.object({
  tokensPerSecond: z.number().optional(),
  generatedTokens: z.number(),
  promptTokens: z.number(),
  reusedTokens: z.number(),
  /** Those of them that came from the disk. */
  diskTokens: z.number().optional(),
  firstTokenMs: z.number(),
  /** How long the question waited for the model to be loaded, where it was not. */
  modelWaitMs: z.number().optional(),
});
/** Why an answer is shorter than it could be: its own limit, a full context, or the model repeating itself. */
export const cutSchema = z.enum(['length', 'context', 'repetition']);
const failure = z.object({
  // A later version may know other errors; that is no reason to lose the conversation.
  code: z.enum(Object.keys(errorCodes) as HearthErrorName[]).catch('internal'),
  message: z.string(),
  remedy: z.string(),
});

/** `parent` is the message before it, null for the first one; `createdAt` is Date.now(). */
const message = { id: z.string(), parent: z.string().nullable(), createdAt: z.number() };
const userMessage = z.object({
  ...message,
  role: z.literal('user'),
  useWorkspace: z.boolean(),
  parts: z.array(z.discriminatedUnion('type', [text, attachmentSchema])),
  /** What the user typed, where the words for the model are others: a command. */
  shown: z.string().optional(),
  /** What the user should know of what the model gets: sentences. */
  notes: z.array(z.string()).optional(),
  /** The rules of the project that the model is to keep to for this question. */
  instructions: z.string().optional(),
});
/** A question that waits until the running answer has ended. */
export const queuedSchema = userMessage
  .pick({ useWorkspace: true, parts: true, shown: true, notes: true, instructions: true })
  .extend({ id: z.string() });
const assistantMessage = z.object({
  ...message,
  role: z.literal('assistant'),
  parts: z.array(z.discriminatedUnion('type', [thought, text, toolCall, toolResult])),
  /** 'stopped' by the user; 'interrupted' when the window was closed or reloaded, or ended in another way. */
  status: z.enum(['running', 'done', 'stopped', 'interrupted', 'failed']),
  /** How the model was asked to think; an answer that goes on must be asked for in the same way. */
  thinking: z.object({ think: z.boolean().optional(), effort: z.string().optional() }).optional(),
  sources: z.array(source),
  leftOut: z.array(leftOutSchema),
  /** Files of the workspace that the model saw whole; unknown of answers that an earlier version kept. */
  seenWhole: z.number().optional(),
  stats: statsSchema.optional(),
  failure: failure.optional(),
  cut: cutSchema.optional(),
  /** The user has changed its words. */
  edited: z.boolean().optional(),
});
/** What was said before, in fewer words: stands for the branch that ends with `of`. */
const summaryMessage = z.object({
  ...message,
  role: z.literal('summary'),
  of: z.string(),
  text: z.string(),
});
export const messageSchema = z.discriminatedUnion('role', [userMessage, assistantMessage, summaryMessage]);

export type Message = z.output<typeof messageSchema>;
export type QueuedQuestion = z.output<typeof queuedSchema>;
export type UserMessage = z.output<typeof userMessage>;
export type AssistantMessage = z.output<typeof assistantMessage>;
export type Thought = z.output<typeof thought>;
export type AnswerStats = z.output<typeof statsSchema>;

export interface Conversation {
  id: string;
  createdAt: number;
  /** Given by the user; until then the first question names it (`titleOf`). */
  title: string | undefined;
  pinned: boolean;
  /** Whether the next question is about the whole workspace, unless the user says otherwise. */
  useWorkspace: boolean;
  /** All messages of all branches, in the order in which they were begun: a parent comes before its children. */
  messages: Message[];
  /** The last message of the branch that is shown; null before the first one. */
  head: string | null;
  /** Names that the user gave to branches, by the message with which they begin. */
  branchNames: Record<string, string>;
  /** Questions that wait; missing where there has never been one. */
  queue?: QueuedQuestion[];
}

/** A conversation without a message. */
export function newConversation(useWorkspace: boolean): Conversation {
  return {
    id: randomUUID(),
    createdAt: Date.now(),
    title: undefined,
    pinned: false,
    useWorkspace,
    messages: [],
    head: null,
    branchNames: {},
  };
}

/** The words of a message: no thoughts, no attachments, no tools. */
export function textOf(message: Message): string {
  if (message.role === 'summary') return message.text;
  return wordsOf(message.parts);
}

function wordsOf(parts: Exclude<Message, { role: 'summary' }>['parts']): string {
  return parts.map(part => (part.type === 'text' ? part.text : '')).join('');
}

/** What the user sees of a question, and would change when editing it. */
export function shownText({ shown, parts }: Pick<UserMessage, 'shown' | 'parts'>): string {
  return shown ?? wordsOf(parts);
}

/** What comes with a question. */
export function attachmentsOf(message: UserMessage): Attachment[] {
  return message.parts.filter(part => part.type === 'attachment');
}

/** Those of them that the user has attached, which belong to the question when it is edited. */
export function attachedByUser(parts: UserMessage['parts']): Attachment[] {
  return parts.filter(part => part.type === 'attachment').filter(({ byUser }) => byUser);
}

/** Everything the model thought for an answer, as one thought; undefined when it did not think. */
export function thoughtOf(message: AssistantMessage): Thought | undefined {
  const thoughts = message.parts.filter(part => part.type === 'thought');
  const [first, ...more] = thoughts;
  if (!first || more.length === 0) return first;
  const running = thoughts.some(({ tookMs }) => tookMs === undefined);
  return {
    ...first,
    text: thoughts.map(one => one.text).join('\n\n'),
    tokens: thoughts.reduce((sum, { tokens = 0 }) => sum + tokens, 0) || undefined,
    tookMs: running ? undefined : thoughts.reduce((sum, { tookMs = 0 }) => sum + tookMs, 0),
  };
}

const titleCharsMax = 80;

/** The name of a conversation in lists: the user's, else the first line of the first question; '' before there is one. */
export function titleOf({ title, messages }: Conversation): string {
  if (title !== undefined) return title;
  const first = messages.find(message => message.role === 'user');
  if (!first) return '';
  const line = shownText(first)
    .split('\n')
    .map(one => one.trim())
    .find(one => one !== '');
  const name = line ?? attachmentsOf(first)[0]?.name ?? '';
  return name.length > titleCharsMax ? `${name.slice(0, titleCharsMax - 1).trimEnd()}…` : name;
}

/**
 * What the model is told of a branch: questions with their answers, thoughts apart. A question that got no word of answer is left
 * out, but for the last; so is an answer without a word. A summary goes before the next question. Calls of tools stay out: the
 * engine's messages have no place for them.
 */
export function modelHistory(branch: readonly Message[]): ChatMessage[] {
  let summary = '';
  return branch.flatMap((message, index): ChatMessage[] => {
    const next = branch[index + 1];
    if (message.role === 'summary') {
      summary = `What we said before, in short:\n${message.text}\n\n`;
      return [];
    }
    if (message.role === 'user') {
      if (next?.role === 'assistant' && textOf(next) === '') return [];
      const content = summary + questionForModel(message.parts);
      summary = '';
      return [{ role: 'user', content }];
    }
    const content = textOf(message);
    return content === '' ? [] : [{ role: 'assistant', content, thinking: thoughtOf(message)?.text ?? '' }];
  });
}
