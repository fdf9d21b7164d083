// From what the extension knows to what the page shows: the conversation, its events and the engine. Pure; the page never learns
// an engine type, and nothing else turns a conversation into the types of the page.
import type {
  AssistantTurn,
  AttachmentView,
  BranchView,
  ContextBound,
  ConversationView,
  EngineView,
  FailureView,
  PanelAction,
  QueuedView,
  SourceView,
  ThoughtView,
  ToPanel,
  Turn,
} from '../../webview/protocol.ts';
import { sayError } from '../known_error.ts';
import type { Attachment } from '../context/attachment.ts';
import { t } from '../l10n.ts';
import { deviceNote } from '../device_note.ts';
import { templateNote } from '../template_note.ts';
import type { EngineState } from '../link/engine_state.ts';
import { loadFraction } from '../link/load_progress.ts';
import { answerActions, engineActions } from '../remedies.ts';
import { filesSeenText, leftOutCount, shownRows } from '../workspace/files_seen.ts';
import { siblingsAlong, type Siblings } from './branches.ts';
import {
  attachedByUser,
  shownText,
  textOf,
  thoughtOf,
  titleOf,
  type AssistantMessage,
  type Conversation,
  type Message,
  type Thought,
  type UserMessage,
} from './conversation.ts';
import { goOnOf } from './go_on.ts';
import type { ChatSession, ConversationEvent, PromptReading } from './session.ts';

/** What of a session its views need. */
type Shown = Pick<ChatSession, 'conversation' | 'branch' | 'reading' | 'queue' | 'isHeld'>;

/** The message to the page for an event of the conversation; `bound` says why the context is shorter than the model's own. */
export function panelMessage(
  event: ConversationEvent,
  session: Shown,
  bound: ContextBound | undefined,
): ToPanel {
  switch (event.type) {
    case 'message': {
      const { conversation } = session;
      const branch = branchView(conversation, siblingsAlong(conversation, [event.message]), event.message.id);
      return { type: 'turn', turn: turnView(event.message, { branch }) };
    }
    case 'branch':
      return { type: 'turns', turns: turnViews(session) };
    case 'title':
      return { type: 'conversation', conversation: conversationView(session) };
    case 'queue':
      return { type: 'queue', queue: queueView(session) };
    case 'text':
      return { type: 'delta', turnId: event.messageId, text: event.text };
    case 'thought':
      return {
        type: 'thinking',
        turnId: event.messageId,
        text: event.text,
        startedAt: event.startedAt,
        tokens: event.tokens,
      };
    case 'reading':
      return { type: 'reading', turnId: event.messageId, done: event.done, total: event.total };
    case 'busy':
      return { type: 'busy', busy: event.busy };
    case 'context': {
      const { usedTokens, maxTokens } = event;
      return { type: 'meter', meter: { usedTokens, maxTokens, bound } };
    }
    case 'input':
      return { type: 'setInput', text: event.text, useWorkspace: event.useWorkspace };
    default:
      return event satisfies never;
  }
}

/** Which conversation it is. */
export function conversationView({ conversation }: Pick<Shown, 'conversation'>): ConversationView {
  return { id: conversation.id, title: titleOf(conversation), pinned: conversation.pinned };
}

/** The shown branch. */
export function turnViews({ conversation, branch, reading }: Shown): Turn[] {
  const siblings = siblingsAlong(conversation, branch);
  const last = branch.at(-1);
  return branch.map(message =>
    turnView(message, {
      reading: message === last ? reading : undefined,
      branch: branchView(conversation, siblings, message.id),
    }),
  );
}

/** The questions that wait. */
export function queueView(session: Pick<Shown, 'queue' | 'isHeld'>): QueuedView[] {
  return session.queue.map(question => ({
    id: question.id,
    text: shownText(question),
    held: session.isHeld(question.id) || undefined,
  }));
}

function branchView(
  conversation: Conversation,
  siblings: Map<string, Siblings>,
  id: string,
): BranchView | undefined {
  const found = siblings.get(id);
  return found && { ...found, name: conversation.branchNames[id] };
}

/** A message as the page shows it. `reading` says how much of its prompt has been read, if it is the running answer. */
export function turnView(
  message: Message,
  { reading, branch }: { reading?: PromptReading; branch?: BranchView } = {},
): Turn {
  const { id } = message;
  if (message.role === 'summary') return { id, role: 'summary', text: message.text, of: message.of };
  if (message.role === 'user') {
    return {
      id,
      role: 'user',
      text: shownText(message),
      useWorkspace: message.useWorkspace,
      notes: questionNotes(message),
      attachments: attachmentViews(message),
      branch,
    };
  }
  return {
    id,
    role: 'assistant',
    branch,
    text: textOf(message),
    thinking: thoughtView(thoughtOf(message)),
    status: message.status === 'running' ? runningStatus(message, reading) : message.status,
    reading,
    sources: message.sources.map(sourceView),
    ...leftOutView(message),
    stats: message.stats,
    failure: message.failure && failureView(message.failure, answerActions(message.failure.code)),
    cut: message.cut,
    goOn: goOnOf(message),
    edited: message.edited,
  };
}

function thoughtView(thought: Thought | undefined): ThoughtView | undefined {
  if (!thought) return undefined;
  const { text, startedAt, tookMs, tokens, cut } = thought;
  return { text, startedAt, tookMs, tokens, cut };
}

/** What the model got beside the words of a question. */
function questionNotes({ parts, notes = [] }: UserMessage): string[] | undefined {
  const attached = parts.flatMap(part =>
    part.type === 'attachment' && !part.byUser ? t('Attached: {0}', part.name) : [],
  );
  const all = [...attached, ...notes];
  return all.length > 0 ? all : undefined;
}

/** Named by their places among the parts, as `keptAttachments` finds them again. */
function attachmentViews({ parts }: UserMessage): AttachmentView[] | undefined {
  const views = parts.flatMap((part, index) =>
    part.type === 'attachment' && part.byUser ? { id: String(index), kind: part.kind, label: part.name } : [],
  );
  return views.length > 0 ? views : undefined;
}

/** What the user leaves attached to a question that is edited, by the ids of its view. */
export function keptAttachments({ parts }: UserMessage, ids: readonly string[]): Attachment[] {
  return attachedByUser(parts.filter((_part, index) => ids.includes(String(index))));
}

function runningStatus(
  message: AssistantMessage,
  reading: PromptReading | undefined,
): AssistantTurn['status'] {
  if (reading) return 'reading';
  return message.parts.length > 0 ? 'streaming' : 'waiting';
}

/** What the page shows of the engine; `modelName` is the name of the model in force, loaded or not. */
export function engineView(state: EngineState, modelName: string): EngineView {
  const empty = { modelName, textOnly: false, deviceName: '', software: false };
  switch (state.kind) {
    case 'stopped':
      return { ...empty, state: state.rest ? 'resting' : 'stopped' };
    case 'starting':
      return { ...empty, state: 'starting' };
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
    case 'ready': {
      const { templateFault, deviceFault } = state.model;
      const notes = [
        ...(deviceFault ? [deviceNote(deviceFault)] : []),
        ...(templateFault ? [templateNote(templateFault)] : []),
      ];
      return {
        state: 'ready',
        modelName,
        textOnly: state.model.textOnly,
        ...(notes.length > 0 && { note: notes.join(' ') }),
        deviceName: state.device.name,
        software: state.device.software,
        kernels: state.compiling,
      };
    }
    case 'restarting':
      return { ...empty, state: 'restarting', failure: failureView(sayError(state.error), []) };
    case 'failed':
      return {
        ...empty,
        state: 'failed',
        failure: failureView(sayError(state.error), engineActions(state.error.code)),
      };
    default:
      return state satisfies never;
  }
}

function failureView(error: { message: string; remedy: string }, actions: PanelAction[]): FailureView {
  return { message: error.message, remedy: error.remedy, actions };
}

/** What of the workspace the model saw for an answer, and the files that it did not see whole. */
function leftOutView({
  leftOut,
  seenWhole,
}: AssistantMessage): Pick<AssistantTurn, 'filesSeen' | 'leftOut' | 'leftOutMore'> {
  const excerpts = seenWhole === undefined ? undefined : leftOut.filter(({ excerpt }) => excerpt).length;
  const seen = { whole: seenWhole, excerpts, leftOut: leftOutCount(leftOut) };
  return { filesSeen: filesSeenText(seen), ...shownRows(leftOut) };
}

function sourceView({
  path,
  uri,
  startLine,
  endLine,
  origin,
  seen,
}: AssistantMessage['sources'][number]): SourceView {
  return {
    label: endLine > startLine ? `${path}:${startLine}-${endLine}` : `${path}:${startLine}`,
    path,
    uri,
    startLine,
    endLine,
    cited: origin === 'cited',
    seen,
  };
}
