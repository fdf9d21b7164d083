// An answer that was cut goes on: whether it can, what it is before it does, and what it is when both halves are there. The
// functions change the message they are given, and nothing else.
import type { ChatMessage, ChatSendResult } from '../../engine/protocol/chat.ts';
import { answerStats, completeAnswer } from './answer.ts';
import { textOf, thoughtOf, type AnswerStats, type AssistantMessage } from './conversation.ts';

/** How an answer may go on: from where it was cut, from the user's words at its end, or repeating itself as it pleases. */
export type GoOn = 'continue' | 'fromUser' | 'anyway';

/**
 * Whether the answer, if it is the last of its branch, can go on: it was cut, or ends with the user's words. One whose context is full has
 * no room for it.
 */
export function goOnOf({ status, cut, parts, edited, stats }: AssistantMessage): GoOn | undefined {
  if (status === 'running' || parts.length === 0) return undefined;
  if (cut === 'repetition') return 'anyway';
  if (cut === 'context') return undefined;
  if (edited && !stats && status === 'done') return 'fromUser';
  return cut === 'length' || status !== 'done' ? 'continue' : undefined;
}

/** What an answer had said when it was cut. */
export interface SaidBefore {
  text: string;
  thinking: string;
  stats: AnswerStats | undefined;
}

/** The answer runs again; a thought that it was cut in takes up its clock. */
export function resume(message: AssistantMessage): SaidBefore {
  const thought = thoughtOf(message);
  const before = { text: textOf(message), thinking: thought?.text ?? '', stats: message.stats };
  message.status = 'running';
  delete message.cut;
  delete message.failure;
  if (thought && before.text === '') {
    const { tookMs = 0, ...rest } = thought;
    delete rest.cut;
    message.parts = [{ ...rest, startedAt: Date.now() - tookMs }];
  }
  return before;
}

/** The answer so far, as the model is told of it. */
export function saidSoFar({ text, thinking }: SaidBefore): ChatMessage {
  return { role: 'assistant', content: text, thinking };
}

/** Completes an answer that went on: the result holds only what is new. */
export function completeContinued(
  message: AssistantMessage,
  before: SaidBefore,
  result: ChatSendResult,
): void {
  const wasThought = result.textBeforeWasThought === true;
  completeAnswer(message, {
    ...result,
    thinking: before.thinking + (wasThought ? before.text : '') + result.thinking,
    text: (wasThought ? '' : before.text) + result.text,
  });
  if (before.stats) message.stats = joinedStats(before.stats, answerStats(result.stats));
}

/** The question was read once; what was generated counts together, at the speed of the latest. */
function joinedStats(before: AnswerStats, since: AnswerStats): AnswerStats {
  return {
    ...before,
    tokensPerSecond: since.tokensPerSecond ?? before.tokensPerSecond,
    generatedTokens: before.generatedTokens + since.generatedTokens,
  };
}
