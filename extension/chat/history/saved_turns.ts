// The format in which conversations were kept before it had a version: turns as the page shows them. Only read.
import * as z from 'zod';
import { errorCodes, type HearthErrorName } from '../../../engine/protocol/errors.ts';
import { answerActions } from '../../remedies.ts';
import {
  cutSchema,
  leftOutSchema,
  statsSchema,
  type AssistantMessage,
  type Message,
} from '../conversation.ts';

const source = z.object({
  path: z.string(),
  uri: z.string(),
  startLine: z.number(),
  endLine: z.number(),
  cited: z.boolean(),
});
const userTurn = z.object({
  id: z.string(),
  role: z.literal('user'),
  text: z.string(),
  useWorkspace: z.boolean(),
});
const assistantTurn = z.object({
  id: z.string(),
  role: z.literal('assistant'),
  text: z.string(),
  thinking: z.object({ text: z.string(), startedAt: z.number(), tookMs: z.number().optional() }).optional(),
  status: z.enum(['waiting', 'reading', 'streaming', 'done', 'stopped', 'failed']),
  sources: z.array(source),
  leftOut: z.array(leftOutSchema),
  stats: statsSchema.optional(),
  failure: z.object({ message: z.string(), remedy: z.string(), actions: z.array(z.string()) }).optional(),
  cut: cutSchema.optional(),
});
/** A conversation without a version. */
export const turnsSchema = z.object({
  conversationId: z.string().min(1),
  useWorkspace: z.boolean(),
  turns: z.array(z.discriminatedUnion('role', [userTurn, assistantTurn])),
});

/** Where a message is, and since when. */
type Place = Pick<Message, 'parent' | 'createdAt'>;

/** The same messages in the format of today. When one was sent was not kept; it counts as sent now. */
export function messagesOfTurns(turns: z.output<typeof turnsSchema>['turns']): Message[] {
  const createdAt = Date.now();
  return turns.map((turn, index): Message => {
    const place: Place = { parent: turns[index - 1]?.id ?? null, createdAt };
    if (turn.role === 'assistant') return answerOf(turn, place);
    const { id, role, useWorkspace, text } = turn;
    return { ...place, id, role, useWorkspace, parts: [{ type: 'text', text }] };
  });
}

function answerOf(turn: z.output<typeof assistantTurn>, place: Place): AssistantMessage {
  const { text, thinking, status, sources, failure, ...same } = turn;
  const parts: AssistantMessage['parts'] = [];
  if (thinking) parts.push({ type: 'thought', ...thinking });
  if (text !== '') parts.push({ type: 'text', text });
  return {
    ...same,
    ...place,
    parts,
    status: status === 'waiting' || status === 'reading' || status === 'streaming' ? 'running' : status,
    sources: sources.map(({ cited, ...place }) => ({ ...place, origin: cited ? 'cited' : 'ranked' })),
    failure: failure && {
      code: codeWithActions(failure.actions),
      message: failure.message,
      remedy: failure.remedy,
    },
  };
}

/** The error itself was not kept, only its buttons: any error that has the same ones will do. */
function codeWithActions(actions: string[]): HearthErrorName {
  const codes = Object.keys(errorCodes) as HearthErrorName[];
  return codes.find(code => answerActions(code).join() === actions.join()) ?? 'internal';
}
