// How an answer grows: what the engine sends becomes parts of a message. The functions change the message they are given, and
// nothing else.
import { randomUUID } from 'node:crypto';
import type { ChatSendResult, FinishReason, GenerationStats } from '../../engine/protocol/chat.ts';
import { say } from '../l10n.ts';
import { thoughtOf, type AnswerStats, type AssistantMessage, type Thought } from './conversation.ts';

/** An answer without a word so far, to the message `parent`. */
export function newAnswer(parent: string | null): AssistantMessage {
  return {
    id: randomUUID(),
    parent,
    createdAt: Date.now(),
    role: 'assistant',
    parts: [],
    status: 'running',
    sources: [],
    leftOut: [],
  };
}

/**
 * Another answer beside this one, with words of the user's. What the model thought, where it took its own words from and what it took
 * to say them belongs to those, and stays with them.
 */
export function editedAnswer({ parent, thinking }: AssistantMessage, text: string): AssistantMessage {
  return {
    ...newAnswer(parent),
    parts: [{ type: 'text', text }],
    status: 'done',
    thinking,
    edited: true,
  };
}

/** Adds a piece of text. */
export function addText(message: AssistantMessage, piece: string): void {
  const last = message.parts.at(-1);
  if (last?.type === 'text') last.text += piece;
  else message.parts.push({ type: 'text', text: piece });
}

/** Adds a piece of a thought; returns the thought so far. `startedAt` is for a thought that begins with it, `tokens` of all of it. */
export function addThought(
  message: AssistantMessage,
  piece: string,
  { tokens, startedAt = Date.now() }: Partial<Pick<Thought, 'tokens' | 'startedAt'>> = {},
): Thought {
  const last = message.parts.at(-1);
  if (last?.type === 'thought') {
    last.text += piece;
    last.tokens = tokens;
    return last;
  }
  const thought: Thought = { type: 'thought', text: piece, startedAt, tokens };
  message.parts.push(thought);
  return thought;
}

/** Ends the thought: the model has begun to answer, or never will. Returns false when there was none to end. */
export function endThought(message: AssistantMessage): boolean {
  const thought = message.parts.findLast(part => part.type === 'thought');
  if (!thought || thought.tookMs !== undefined) return false;
  thought.tookMs = Math.max(0, Date.now() - thought.startedAt);
  return true;
}

/** Whatever wrote the answer is gone: what there is of it stays. How long a thought took that was cut short is not known. */
export function interrupt(message: AssistantMessage): void {
  if (message.status !== 'running') return;
  message.status = 'interrupted';
  for (const part of message.parts) if (part.type === 'thought') part.tookMs ??= 0;
}

/** All that was said so far was a thought, which is over. */
export function turnIntoThought(message: AssistantMessage): void {
  const text = message.parts.map(part => (part.type === 'text' ? part.text : '')).join('');
  const thought: Thought = { type: 'thought', text, startedAt: Date.now(), tookMs: 0 };
  message.parts = [thought, ...message.parts.filter(part => part.type !== 'text')];
}

/** Replaces the pieces with the complete result: a piece may have been lost, but the result holds everything. */
export function completeAnswer(message: AssistantMessage, result: ChatSendResult): void {
  const thought: Thought = thoughtOf(message) ?? {
    type: 'thought',
    text: '',
    startedAt: Date.now(),
    tookMs: 0,
  };
  message.parts = [];
  if (result.thinking !== '') {
    const tokens = result.thoughtTokens > 0 ? result.thoughtTokens : thought.tokens;
    message.parts.push({ ...thought, text: result.thinking, tokens, cut: result.thoughtCut ?? thought.cut });
  }
  if (result.text !== '') message.parts.push({ type: 'text', text: result.text });
  message.sources = result.sources;
  message.leftOut = result.leftOut.map(file => ({ ...file, reason: say(file.reason) }));
  message.seenWhole = result.seenWhole;
  message.stats = answerStats(result.stats);
  message.cut = cutOf(result.finishReason);
}

/** The figures that are kept of an answer. */
export function answerStats(stats: GenerationStats): AnswerStats {
  const steps = stats.generatedTokens - 1;
  return {
    tokensPerSecond: steps > 0 && stats.decodeMs > 0 ? (steps * 1000) / stats.decodeMs : undefined,
    generatedTokens: stats.generatedTokens,
    promptTokens: stats.promptTokens,
    reusedTokens: stats.reusedTokens,
    ...(stats.diskTokens > 0 && { diskTokens: stats.diskTokens }),
    firstTokenMs: stats.firstTokenMs,
  };
}

/** Why an answer is shorter than it could be; undefined when it is not. */
export function cutOf(reason: FinishReason): AssistantMessage['cut'] {
  return reason === 'length' || reason === 'context' || reason === 'repetition' ? reason : undefined;
}
