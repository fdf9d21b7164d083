// The conversation as it is kept between windows: checked when read, capped when written. No vscode.
import * as z from 'zod';
import type { Turn } from '../../webview/protocol.ts';

/** Turns and characters kept; older ones are dropped pair by pair. */
const savedTurnsMax = 200;
const savedCharsMax = 500_000;
/** Characters of thoughts kept besides; the oldest ones go first, their answers stay. */
const savedThoughtCharsMax = 250_000;

/** Where one conversation is kept; workspaceState behind it. */
export interface ChatStorage {
  load(): unknown;
  save(chat: SavedChat): void;
}

const action = z.enum([
  'retry',
  'openLog',
  'openSettings',
  'chooseModel',
  'restartEngine',
  'ingestWorkspace',
  'newChat',
]);
const source = z.object({
  label: z.string(),
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
  leftOut: z.array(z.object({ path: z.string(), reason: z.string() })),
  stats: z
    .object({
      tokensPerSecond: z.number().optional(),
      generatedTokens: z.number(),
      promptTokens: z.number(),
      reusedTokens: z.number(),
      firstTokenMs: z.number(),
    })
    .optional(),
  failure: z.object({ message: z.string(), remedy: z.string(), actions: z.array(action) }).optional(),
  cut: z.enum(['length', 'context', 'repetition']).optional(),
});
const savedChat = z.object({
  conversationId: z.string().min(1),
  useWorkspace: z.boolean(),
  turns: z.array(z.discriminatedUnion('role', [userTurn, assistantTurn])),
});
export type SavedChat = z.output<typeof savedChat>;

/** The kept conversation; undefined when there is none or it is damaged. An answer that was cut short counts as stopped. */
export function restoreChat(value: unknown): SavedChat | undefined {
  const result = savedChat.safeParse(value);
  if (!result.success) return undefined;
  const turns = result.data.turns.map(turn =>
    turn.role === 'assistant' &&
    (turn.status === 'waiting' || turn.status === 'reading' || turn.status === 'streaming')
      ? { ...turn, status: 'stopped' as const, thinking: turn.thinking && ended(turn.thinking) }
      : turn,
  );
  return { ...result.data, turns };
}

/** The newest turns that fit, starting with a user's. */
export function capTurns(turns: readonly Turn[]): SavedChat['turns'] {
  let chars = 0;
  let from = turns.length;
  while (from > 0 && turns.length - from < savedTurnsMax) {
    chars += turns[from - 1]?.text.length ?? 0;
    if (chars > savedCharsMax) break;
    from -= 1;
  }
  while (turns[from]?.role === 'assistant') from += 1;
  return keepThoughts(turns.slice(from));
}

function keepThoughts(turns: SavedChat['turns']): SavedChat['turns'] {
  let chars = 0;
  return turns
    .toReversed()
    .map(turn => {
      if (turn.role !== 'assistant' || !turn.thinking) return turn;
      chars += turn.thinking.text.length;
      return chars > savedThoughtCharsMax ? { ...turn, thinking: undefined } : turn;
    })
    .toReversed();
}

/** How long a thought took that was cut short is not known. */
function ended<Thought extends { tookMs?: number }>(thought: Thought): Thought {
  return { ...thought, tookMs: thought.tookMs ?? 0 };
}
