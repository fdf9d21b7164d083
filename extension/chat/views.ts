// From what the extension knows to what the page shows: the conversation, its events and the engine. Pure; the page never learns
// an engine type, and nothing else turns a conversation into the types of the page.
import type { SourceLink } from '../../engine/protocol/chat.ts';
import type {
  AssistantTurn,
  ContextBound,
  EngineView,
  FailureView,
  PanelAction,
  SourceView,
  ToPanel,
  Turn,
} from '../../webview/protocol.ts';
import type { EngineState } from '../link/engine_state.ts';
import { loadFraction } from '../link/load_progress.ts';
import { answerActions, engineActions } from '../remedies.ts';
import {
  shownText,
  textOf,
  thoughtOf,
  type AssistantMessage,
  type Message,
  type UserMessage,
} from './conversation.ts';
import type { ConversationEvent, PromptReading } from './session.ts';

/** The message to the page for an event of the conversation; `bound` says why the context is shorter than the model's own. */
export function panelMessage(event: ConversationEvent, bound: ContextBound | undefined): ToPanel {
  switch (event.type) {
    case 'message':
      return { type: 'turn', turn: turnView(event.message) };
    case 'text':
      return { type: 'delta', turnId: event.messageId, text: event.text };
    case 'thought':
      return { type: 'thinking', turnId: event.messageId, text: event.text, startedAt: event.startedAt };
    case 'reading':
      return { type: 'reading', turnId: event.messageId, done: event.done, total: event.total };
    case 'busy':
      return { type: 'busy', busy: event.busy };
    case 'context': {
      const { usedTokens, maxTokens } = event;
      return { type: 'meter', meter: { usedTokens, maxTokens, bound } };
    }
    case 'cleared':
      return { type: 'cleared' };
    case 'input':
      return { type: 'setInput', text: event.text, useWorkspace: event.useWorkspace };
    default:
      return event satisfies never;
  }
}

/** A message as the page shows it. `reading` says how much of its prompt has been read, if it is the running answer. */
export function turnView(message: Message, reading?: PromptReading): Turn {
  const { id } = message;
  if (message.role === 'user')
    return {
      id,
      role: 'user',
      text: shownText(message),
      useWorkspace: message.useWorkspace,
      notes: questionNotes(message),
    };
  const thought = thoughtOf(message);
  return {
    id,
    role: 'assistant',
    text: textOf(message),
    thinking: thought && { text: thought.text, startedAt: thought.startedAt, tookMs: thought.tookMs },
    status: message.status === 'running' ? runningStatus(message, reading) : message.status,
    reading,
    sources: message.sources.map(sourceView),
    leftOut: message.leftOut,
    stats: message.stats,
    failure: message.failure && failureView(message.failure, answerActions(message.failure.code)),
    cut: message.cut,
  };
}

/** What the model got beside the words of a question. */
function questionNotes({ parts, notes = [] }: UserMessage): string[] | undefined {
  const attached = parts.flatMap(part => (part.type === 'attachment' ? `Attached: ${part.name}` : []));
  const all = [...attached, ...notes];
  return all.length > 0 ? all : undefined;
}

function runningStatus(
  message: AssistantMessage,
  reading: PromptReading | undefined,
): AssistantTurn['status'] {
  if (reading) return 'reading';
  return message.parts.length > 0 ? 'streaming' : 'waiting';
}

/** What the page shows of the engine; `modelName` is the name of the chosen model, loaded or not. */
export function engineView(state: EngineState, modelName: string): EngineView {
  const empty = { modelName, textOnly: false, deviceName: '', software: false };
  switch (state.kind) {
    case 'stopped':
    case 'starting':
      return { ...empty, state: state.kind };
    case 'loading': {
      const { device, progress } = state;
      return {
        ...empty,
        state: 'loading',
        deviceName: device.name,
        software: device.software,
        loadStage: progress?.stage,
        loadFraction: progress && loadFraction(progress),
        kernels: progress?.kernels,
      };
    }
    case 'ready':
      return {
        state: 'ready',
        modelName: state.model.name,
        textOnly: state.model.textOnly,
        deviceName: state.device.name,
        software: state.device.software,
        kernels: state.compiling,
      };
    case 'restarting':
      return { ...empty, state: 'restarting', failure: failureView(state.error, []) };
    case 'failed':
      return {
        ...empty,
        state: 'failed',
        failure: failureView(state.error, engineActions(state.error.code)),
      };
    default:
      return state satisfies never;
  }
}

function failureView(error: { message: string; remedy: string }, actions: PanelAction[]): FailureView {
  return { message: error.message, remedy: error.remedy, actions };
}

function sourceView({ path, uri, startLine, endLine, origin }: SourceLink): SourceView {
  return {
    label: endLine > startLine ? `${path}:${startLine}-${endLine}` : `${path}:${startLine}`,
    path,
    uri,
    startLine,
    endLine,
    cited: origin === 'cited',
  };
}
