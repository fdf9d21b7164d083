// What arrives over the wire, checked field by field before anything uses it.
import { z } from 'zod';
import type { AnswerNowParams, ChatSendParams } from '../protocol/chat.ts';
import type { CompletionParams } from '../protocol/completion.ts';
import { errors } from '../protocol/errors.ts';
import type { InitializeParams, LoadModelRequest } from '../protocol/lifecycle.ts';
import { limits } from '../protocol/limits.ts';
import type { CountParams, MeasureParams } from '../protocol/measure.ts';
import type { IngestParams, SymbolsParams } from '../protocol/workspace.ts';

const count = z
  .number()
  .int()
  .nonnegative()
  .max(2 ** 31);
const sampling = z.object({
  temperature: z.number().min(0).max(10).optional(),
  topK: count.optional(),
  topP: z.number().gt(0).max(1).optional(),
  minP: z.number().min(0).max(1).optional(),
  repetitionPenalty: z.number().gt(0).max(10).optional(),
  presencePenalty: z.number().min(-10).max(10).optional(),
  seed: z.number().int().min(0).max(0xffffffff).optional(),
});
const reason = z.object({ text: z.string(), values: z.array(z.union([z.string(), z.number()])) });
const leftOut = z.object({
  path: z.string(),
  reason,
  files: count.min(1).optional(),
  by: z.enum(['secrets', 'user']).optional(),
});

/** What is asked, in chat/send and chat/measure. */
const question = {
  messages: z
    .array(
      z.object({
        role: z.enum(['user', 'assistant']),
        content: z.string().max(limits.messageCharsMax),
        thinking: z.string().max(limits.messageCharsMax).optional(),
      }),
    )
    .min(1),
  continueAnswer: z.boolean().optional(),
  instructions: z.string().max(limits.instructionsCharsMax).optional(),
  workspace: z.string().optional(),
  maxTokens: count.min(1).optional(),
  think: z.boolean().optional(),
  effort: z
    .string()
    .regex(/^[\w-]{1,32}$/, 'the name of an effort has up to 32 letters, digits and hyphens')
    .optional(),
};
const endOfMessages =
  "the last message must be the user's, or with continueAnswer an answer to the user's message before it";
function endsAsAsked({
  messages,
  continueAnswer,
}: Pick<ChatSendParams, 'messages' | 'continueAnswer'>): boolean {
  const last = messages.at(-1)?.role;
  if (!continueAnswer) return last === 'user';
  return last === 'assistant' && messages.at(-2)?.role === 'user';
}

/** One schema per request; the types say that they and the protocol agree. */
export const paramSchemas = {
  initialize: z.object({
    protocolVersion: z.number(),
    clientName: z.string(),
    clientVersion: z.string(),
  }) satisfies z.ZodType<InitializeParams>,
  loadModel: z.object({
    path: z.string().min(1),
    contextTokensMax: count,
    yarnFactor: z.number().min(1).max(limits.yarnFactorMax).optional(),
    quantize: z.enum(['Q8_0', 'Q4_0']).optional(),
    progressToken: z.string(),
  }) satisfies z.ZodType<LoadModelRequest>,
  chatSend: z
    .object({
      ...question,
      progressToken: z.string(),
      thinkingTokens: count.optional(),
      sampling,
      allowRepetition: z.boolean().optional(),
      stop: z.array(z.string().min(1).max(limits.stopTextCharsMax)).max(limits.stopTextsMax).optional(),
    })
    .refine(endsAsAsked, { path: ['messages'], error: endOfMessages }) satisfies z.ZodType<ChatSendParams>,
  measure: z
    .object(question)
    .refine(endsAsAsked, { path: ['messages'], error: endOfMessages }) satisfies z.ZodType<MeasureParams>,
  countTokens: z.object({
    texts: z
      .array(z.string())
      .max(limits.countTextsMax)
      .refine(
        texts => texts.reduce((sum, { length }) => sum + length, 0) <= limits.countCharsMax,
        `more than ${limits.countCharsMax} characters`,
      ),
  }) satisfies z.ZodType<CountParams>,
  answerNow: z.object({ progressToken: z.string() }) satisfies z.ZodType<AnswerNowParams>,
  completion: z.object({
    documentId: z.string(),
    path: z.string(),
    linesBefore: z.string().max(limits.messageCharsMax),
    lineLeft: z.string().max(limits.messageCharsMax),
    suffix: z.string().max(limits.messageCharsMax),
    repositoryName: z.string().optional(),
    neighbours: z.array(z.object({ path: z.string(), content: z.string() })).max(64),
    multiline: z.boolean(),
    maxTokens: count.min(1),
    deadlineMs: z.number().positive().max(600_000),
  }) satisfies z.ZodType<CompletionParams>,
  ingest: z.object({
    workspace: z.string(),
    name: z.string(),
    reset: z.boolean(),
    final: z.boolean(),
    files: z.array(
      z.object({ path: z.string(), uri: z.string(), text: z.string(), changedAt: z.number().optional() }),
    ),
    removedPaths: z.array(z.string()),
    skipped: z.array(leftOut),
    blockTokensMax: count.min(1).optional(),
    recentPaths: z.array(z.string()).optional(),
    readLater: z.boolean().optional(),
    packAnew: z.boolean().optional(),
    decided: z.string().max(64).optional(),
  }) satisfies z.ZodType<IngestParams>,
  workspace: z.object({ workspace: z.string() }),
  symbols: z.object({
    workspace: z.string(),
    symbols: z
      .array(z.object({ name: z.string().min(1).max(limits.symbolCharsMax), near: z.boolean() }))
      .max(limits.symbolsAskedMax),
  }) satisfies z.ZodType<SymbolsParams>,
};

/** The checked value. Throws badParams with the first fault. */
export function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw errors.badParams(`${issue?.path.join('.') || 'params'}: ${issue?.message ?? 'wrong'}`);
}
