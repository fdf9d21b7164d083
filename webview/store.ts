// What the page shows, and how each message changes it. Pure: the same state and message always give the same result.
import type { AssistantTurn, PanelState, ToPanel, Turn } from './protocol.ts';

/** The state before the host has said anything. */
export const emptyState: PanelState = {
  conversation: { id: '', title: '', pinned: false },
  turns: [],
  queue: [],
  busy: false,
  engine: { state: 'stopped', modelName: '', textOnly: false, deviceName: '', software: false },
  workspace: {
    state: 'none',
    fileCount: 0,
    filesSeen: '',
    leftOut: [],
    leftOutMore: 0,
    blockTokens: 0,
    budgetTokens: 0,
  },
  meter: { usedTokens: 0, maxTokens: 0 },
  useWorkspace: false,
  commands: { commands: [] },
  draft: { attachments: [] },
};

/** The state after a message. Turns that did not change keep their identity, so that views can skip them. */
export function reduce(state: PanelState, message: ToPanel): PanelState {
  switch (message.type) {
    case 'snapshot':
      return message.state;
    case 'turn':
      return { ...state, turns: putTurn(state.turns, message.turn) };
    case 'delta':
      return changeRunning(state, message.turnId, turn => ({
        ...turn,
        text: turn.text + message.text,
        status: 'streaming',
        reading: undefined,
      }));
    case 'thinking':
      return changeRunning(state, message.turnId, turn => ({
        ...turn,
        thinking: {
          text: (turn.thinking?.text ?? '') + message.text,
          startedAt: message.startedAt,
          tokens: message.tokens,
        },
        status: 'streaming',
        reading: undefined,
      }));
    case 'reading':
      return changeRunning(state, message.turnId, turn => ({
        ...turn,
        status: 'reading',
        reading: { done: message.done, total: message.total },
      }));
    case 'busy':
      return { ...state, busy: message.busy };
    case 'engine':
      return { ...state, engine: message.engine };
    case 'workspace':
      return { ...state, workspace: message.workspace };
    case 'meter':
      return { ...state, meter: message.meter };
    case 'commands':
      return { ...state, commands: message.commands };
    case 'diagrams':
      return { ...state, canPreviewDiagrams: message.canPreview };
    case 'thinkingChoice':
      return { ...state, thinking: message.thinking };
    case 'models':
      return { ...state, models: message.models };
    case 'turns':
      return { ...state, turns: message.turns };
    case 'conversation':
      return { ...state, conversation: message.conversation };
    case 'queue':
      return { ...state, queue: message.queue };
    case 'setInput':
      return { ...state, useWorkspace: message.useWorkspace };
    case 'draft':
      return { ...state, draft: message.draft };
    case 'places':
    case 'insertText':
    case 'insertMention':
    case 'paths':
    case 'pathsChanged':
    case 'symbols':
    case 'summary':
    case 'focusInput':
    case 'focusBack':
      return state;
    default:
      message satisfies never;
      throw new TypeError('unknown message type');
  }
}

/** True while more text may still be added to the turn. */
export function isRunning(turn: AssistantTurn): boolean {
  return isWaiting(turn) || turn.status === 'streaming';
}

/** True before the first word of the turn. */
export function isWaiting(turn: AssistantTurn): boolean {
  return turn.status === 'waiting' || turn.status === 'reading';
}

/** True while the model thinks and has not begun to answer. */
export function isThinking(turn: AssistantTurn): boolean {
  return isRunning(turn) && turn.thinking !== undefined && turn.thinking.tookMs === undefined;
}

/** What the user asked last, if anything. */
export function lastQuestion(state: PanelState): string | undefined {
  return state.turns.findLast(turn => turn.role === 'user')?.text;
}

function putTurn(turns: Turn[], turn: Turn): Turn[] {
  const index = turns.findIndex(other => other.id === turn.id);
  return index < 0 ? [...turns, turn] : turns.with(index, turn);
}

/** A piece that arrives after its turn has ended, or for a turn that is gone, changes nothing. */
function changeRunning(
  state: PanelState,
  id: string,
  change: (turn: AssistantTurn) => AssistantTurn,
): PanelState {
  const index = state.turns.findLastIndex(turn => turn.id === id);
  const turn = state.turns[index];
  if (turn?.role !== 'assistant' || !isRunning(turn)) return state;
  return { ...state, turns: state.turns.with(index, change(turn)) };
}
