// One conversation with the model: messages made of parts. The types come from one schema, which also checks what an earlier
// window has kept. Knows neither the page nor the editor.
import * as z from 'zod';
import type { ChatMessage, LeftOutFile, SourceLink } from '../../engine/protocol/chat.ts';
import { errorCodes, type HearthErrorName } from '../../engine/protocol/errors.ts';
import { questionForModel } from './question_text.ts';

const text = z.object({ type: z.literal('text'), text: z.string() });
/** Something of the workspace that comes with a question. */
const attachment = z.object({
  type: z.literal('attachment'),
  kind: z.enum(['file', 'selection', 'changes']),
  name: z.string(),
  uri: z.string(),
  /** 1-based, inclusive. */
  range: z.object({ startLine: z.number(), endLine: z.number() }).optional(),
  languageId: z.string().optional(),
  text: z.string().optional(),
});
/** What the model thought before it went on. `startedAt` is Date.now() of its first word; no `tookMs` while it goes on. */
const thought = z.object({
  type: z.literal('thought'),
  text: z.string(),
  startedAt: z.number(),
  tookMs: z.number().optional(),
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
}) satisfies z.ZodType<SourceLink>;
/** A file that the model did not see. */
export const leftOutSchema = z.object({
  path: z.string(),
  reason: z.string(),
}) satisfies z.ZodType<LeftOutFile>;
/** The figures of an answer. An answer of one token has no speed: nothing was measured. */
export const statsSchema = z.object({
  tokensPerSecond: z.number().optional(),
  generatedTokens: z.number(),
  promptTokens: z.number(),
  reusedTokens: z.number(),
  firstTokenMs: z.number(),
});
/** Why an answer is shorter than it could be: its own limit, a full context, or the model repeating itself. */
export const cutSchema = z.enum(['length', 'context', 'repetition']);
const failure = z.object({
  // A later version may know other errors; that is no reason to lose the conversation.
  code: z.enum(Object.keys(errorCodes) as HearthErrorName[]).catch('internal'),
  message: z.string(),
  remedy: z.string(),
});

const userMessage = z.object({
  id: z.string(),
  role: z.literal('user'),
  useWorkspace: z.boolean(),
  parts: z.array(z.discriminatedUnion('type', [text, attachment])),
  /** What the user typed, where the words for the model are others: a command. */
  shown: z.string().optional(),
  /** What the user should know of what the model gets: sentences. */
  notes: z.array(z.string()).optional(),
});
const assistantMessage = z.object({
  id: z.string(),
  role: z.literal('assistant'),
  parts: z.array(z.discriminatedUnion('type', [thought, text, toolCall, toolResult])),
  /** 'stopped' by the user, or by a window that closed. */
  status: z.enum(['running', 'done', 'stopped', 'failed']),
  sources: z.array(source),
  leftOut: z.array(leftOutSchema),
  stats: statsSchema.optional(),
  failure: failure.optional(),
  cut: cutSchema.optional(),
});
export const conversationSchema = z.object({
  id: z.string().min(1),
  /** Whether the next question is about the whole workspace, unless the user says otherwise. */
  useWorkspace: z.boolean(),
  messages: z.array(z.discriminatedUnion('role', [userMessage, assistantMessage])),
});

export type Conversation = z.output<typeof conversationSchema>;
export type Message = Conversation['messages'][number];
export type UserMessage = z.output<typeof userMessage>;
export type AssistantMessage = z.output<typeof assistantMessage>;
export type Thought = z.output<typeof thought>;
export type AnswerStats = z.output<typeof statsSchema>;

/** The words of a message: no thoughts, no attachments, no tools. */
export function textOf(message: Message): string {
  return message.parts.map(part => (part.type === 'text' ? part.text : '')).join('');
}

/** What the user typed as a question, without what was attached. */
export function shownText(message: UserMessage): string {
  return message.shown ?? textOf(message);
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
    tookMs: running ? undefined : thoughts.reduce((sum, { tookMs = 0 }) => sum + tookMs, 0),
  };
}

/**
 * What the model is told: questions with their answers, thoughts apart. A question that got no word of answer is left out, but
 * for the last. Calls of tools stay out: the engine's messages have no place for them.
 */
export function modelHistory({ messages }: Conversation): ChatMessage[] {
  return messages.flatMap((message, index): ChatMessage[] => {
    const next = messages[index + 1];
    if (message.role === 'user')
      return next?.role === 'assistant' && textOf(next) === ''
        ? []
        : [{ role: 'user', content: questionForModel(message.parts) }];
    const content = textOf(message);
    return content === '' ? [] : [{ role: 'assistant', content, thinking: thoughtOf(message)?.text ?? '' }];
  });
}
