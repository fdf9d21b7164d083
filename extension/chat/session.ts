// Runs one conversation with the model: ask, stop, ask again, edit, go on in another branch. Knows neither the editor nor the page;
// reports each change as an event, and writes it to the conversation's log. An answer that fails keeps the text it had, and the
// conversation goes on.
import { randomUUID } from 'node:crypto';
import { CancellationTokenSource, Emitter, type CancellationToken, type Event } from 'vscode-jsonrpc/node';
import type { ChatDelta, ChatMessage, ChatSendResult, SamplingParams } from '../../engine/protocol/chat.ts';
import type { HearthError } from '../../engine/protocol/errors.ts';
import { limits } from '../../engine/protocol/limits.ts';
import { asKnownError, sayError } from '../known_error.ts';
import type { Disposable } from '../dispose.ts';
import { t } from '../l10n.ts';
import type { EngineClient } from '../link/client.ts';
import {
  addText,
  addThought,
  completeAnswer,
  editedAnswer,
  endThought,
  interrupt,
  newAnswer,
  turnIntoThought,
} from './answer.ts';
import type { Attachment } from '../context/attachment.ts';
import type { Gauge } from '../context/gauge.ts';
import { branchTo, messageOf, newestEnd } from './branches.ts';
import {
  attachedByUser,
  modelHistory,
  textOf,
  thoughtOf,
  shownText,
  type AnswerStats,
  type AssistantMessage,
  type Conversation,
  type Message,
  type QueuedQuestion,
  type UserMessage,
} from './conversation.ts';
import { chatErrors } from './errors.ts';
import { checkFit } from './fit.ts';
import { rulesBeyond } from '../prompts/rules.ts';
import { completeContinued, goOnOf, resume, saidSoFar, type GoOn, type SaidBefore } from './go_on.ts';
import { questionForModel } from './question_text.ts';
import { entriesOf, type LogEntry } from './history/log_entry.ts';

/** A cancelled answer that does not end within this counts as stopped for the user. */
export const cancelGraceMs = 5_000;
/** So often what an answer has grown by is written to the log. */
const recordMs = 500;

export interface ChatSettings {
  sampling: SamplingParams;
  /** Unset: an answer ends when the model ends it or the context is full. */
  maxTokens: number | undefined;
  /** Whether a model that can do both thinks first; unset: as it does by itself. */
  think: boolean | undefined;
  /** One of the efforts that the model knows; unset: its own. */
  effort?: string | undefined;
  /** Most tokens of a thought; unset: the model ends it. */
  thinkingTokens?: number | undefined;
  useWorkspace: boolean;
}
type AnsweringMethod = 'chatSend' | 'newAnswerToken' | 'answerNow';
export interface ChatSessionDeps {
  engine: {
    /** Undefined when cancelled. */
    whenReady(
      token: CancellationToken,
      options: { retryFailed: boolean },
    ): Promise<{ client: Pick<EngineClient, AnsweringMethod>; waitedMs?: number } | undefined>;
  };
  workspace: {
    /** Name of the workspace once the engine knows its files; undefined without a folder or when cancelled. */
    ensure(token: CancellationToken): Promise<string | undefined>;
  };
  settings(): ChatSettings;
  /** Adds to the log of the conversation. */
  record(id: string, entries: readonly LogEntry[]): void;
  /** Claims a question that waits; false when another window is asking it or has asked it. */
  claim(id: string, questionId: string): Promise<boolean>;
  gauge: Gauge;
  /** Shows an error that belongs to no answer. */
  showError(error: HearthError): void;
}

/** What is asked: words, and what comes with them. */
export type Question = Pick<UserMessage, 'useWorkspace' | 'shown' | 'notes' | 'instructions' | 'parts'>;
/** How full the context of the model is, in tokens; 0 where it is not known yet. */
export interface ContextUse {
  usedTokens: number;
  maxTokens: number;
}
/** How much of its prompt a running answer has read, in tokens. */
export interface PromptReading {
  done: number;
  total: number;
}
/** A change of the conversation. A message in it is the session's own object and goes on changing: read it at once. */
export type ConversationEvent =
  /** A message at the end of the branch is new, or has changed in more than its length. */
  | { type: 'message'; message: Message }
  /** Another branch is shown, or the names of branches have changed. */
  | { type: 'branch' }
  /** An answer, or the thought before it, has grown by `text`. */
  | { type: 'text'; messageId: string; text: string }
  | { type: 'thought'; messageId: string; text: string; startedAt: number; tokens?: number }
  | ({ type: 'reading'; messageId: string } & PromptReading)
  | { type: 'busy'; busy: boolean }
  | ({ type: 'context' } & ContextUse)
  /** Its title, or whether it is pinned, has changed. */
  | { type: 'title' }
  | { type: 'queue' }
  /** This text is to be put into the input, with what was attached to it, for the user to change or send. */
  | { type: 'input'; text: string; useWorkspace: boolean; attachments: Attachment[] };

interface Running {
  source: CancellationTokenSource;
  message: AssistantMessage;
  /** What it said before it went on; undefined for a new answer. */
  before?: SaidBefore;
  goOn?: GoOn;
  reading?: PromptReading;
  /** Has its thought end; undefined before the engine is asked. */
  answerNow?: () => Promise<boolean>;
  /** How long it waited for the model to be loaded. */
  modelWaitMs?: number;
}

export class ChatSession implements Disposable {
  readonly #events = new Emitter<ConversationEvent>();
  readonly #answered = new Emitter<AnswerStats>();
  readonly #conversation: Conversation;
  readonly #growth: GrowthRecorder;
  #context: ContextUse;
  #running: Running | undefined;
  /** Questions that waited when an earlier window was closed, or did not fit when it was their turn: sent only when the user says so. */
  readonly #held: Set<string>;
  /** Whether the log knows the conversation; one without a question has none. */
  #isKept: boolean;
  /** The running answer was stopped for a question of the queue. */
  #sendNextAfterStop = false;

  constructor(
    conversation: Conversation,
    private readonly deps: ChatSessionDeps,
  ) {
    this.#conversation = conversation;
    this.#held = new Set(conversation.queue?.map(({ id }) => id));
    this.#isKept = conversation.messages.length > 0;
    this.#context = { usedTokens: usedBy(branchTo(conversation), conversation), maxTokens: 0 };
    this.#growth = new GrowthRecorder(entries => this.#record(...entries));
  }

  /** Each change of the conversation, and of what belongs to it. */
  get onEvent(): Event<ConversationEvent> {
    return this.#events.event;
  }

  /** The figures of each answer that ended by itself. */
  get onAnswered(): Event<AnswerStats> {
    return this.#answered.event;
  }

  get conversation(): Readonly<Conversation> {
    return this.#conversation;
  }

  /** The messages of the branch that is shown. */
  get branch(): Message[] {
    return branchTo(this.#conversation);
  }

  get busy(): boolean {
    return this.#running !== undefined;
  }

  get queue(): readonly QueuedQuestion[] {
    return this.#conversation.queue ?? [];
  }

  /** True for a question that waits for the user, not for the end of an answer. */
  isHeld(id: string): boolean {
    return this.#held.has(id);
  }

  get context(): ContextUse {
    return this.#context;
  }

  /** How much of its prompt the running answer has read; undefined before that is known, and once its first word is there. */
  get reading(): PromptReading | undefined {
    return this.#running?.reading;
  }

  /** True when an answer of this conversation names the file as a source. */
  hasSource(uri: string): boolean {
    return this.#conversation.messages.some(
      message => message.role === 'assistant' && message.sources.some(source => source.uri === uri),
    );
  }

  /** The context of the model in force. */
  setContext(maxTokens: number): void {
    this.#useContext({ ...this.#context, maxTokens });
  }

  /**
   * Asks; resolves when the answer ends. While another answer runs the question waits in the queue. One that is too long goes back
   * into the input.
   */
  async submit(question: Question): Promise<void> {
    if (this.#refuseTooLong(question)) return;
    if (this.busy) {
      this.#setQueue([...this.queue, { ...question, id: randomUUID() }]);
      return;
    }
    await this.#ask(question, this.#conversation.head);
  }

  /** Takes a question out of the queue. */
  unqueue(id: string): QueuedQuestion | undefined {
    const question = this.queue.find(one => one.id === id);
    if (question) this.#setQueue(this.queue.filter(one => one !== question));
    return question;
  }

  /** Throws when the question, asked after this message, does not fit into the context; undefined: at the end of the branch. */
  async checkFit(question: Question, after: string | null = this.#conversation.head): Promise<void> {
    const { maxTokens, think, effort } = this.deps.settings();
    const { parts, instructions, useWorkspace } = question;
    const history = after === null ? [] : modelHistory(branchTo(this.#conversation, after));
    const messages: ChatMessage[] = [...history, { role: 'user', content: questionForModel(parts) }];
    const attached = parts.filter(part => part.type === 'attachment');
    await checkFit(
      { messages, instructions, maxTokens, think, effort, useWorkspace },
      attached,
      this.deps.gauge,
    );
  }

  /**
   * Asks a question of the queue now: the running answer is stopped for it. False when it waited since an earlier window, and another
   * window has asked it meanwhile.
   */
  async sendQueued(id: string): Promise<boolean> {
    const question = this.queue.find(one => one.id === id);
    if (!question) return true;
    if (this.#held.has(id) && !(await this.deps.claim(this.#conversation.id, id))) {
      // The log has it from the other window.
      this.#conversation.queue = this.queue.filter(one => one !== question);
      this.#emit({ type: 'queue' });
      return false;
    }
    if (!this.queue.includes(question)) return true;
    this.#held.delete(id);
    this.#setQueue([question, ...this.queue.filter(one => one !== question)]);
    if (this.#running) {
      this.#running.source.cancel();
      this.#sendNextAfterStop = true;
    } else await this.#askNext();
    return true;
  }

  /** Stops the running answer; what it said so far stays. */
  stop(): void {
    this.#running?.source.cancel();
  }

  /** Has the running thought end, and the answer begin. False when nothing is thought. */
  async answerNow(): Promise<boolean> {
    return (await this.#running?.answerNow?.()) ?? false;
  }

  /**
   * The last answer goes on where it was cut, in the same message; one that was stopped for repeating itself may go on doing so. Does
   * nothing when it cannot go on, or is not the answer that is named.
   */
  async goOn(messageId?: string): Promise<void> {
    const message = this.branch.at(-1);
    if (this.busy || message?.role !== 'assistant' || (messageId ?? message.id) !== message.id) return;
    const goOn = goOnOf(message);
    if (goOn) await this.#answer(message, { goOn, before: resume(message) });
  }

  /**
   * Asks something else in place of an earlier question; what was there stays as another branch. What cannot be asked now goes back
   * into the input. Throws while an answer runs.
   */
  async edit(messageId: string, question: Question): Promise<void> {
    const message = messageOf(this.#conversation, messageId);
    if (message?.role !== 'user' || this.#refuseTooLong(question)) return;
    if (this.busy) {
      this.giveBack(question);
      throw chatErrors.answerRunning();
    }
    await this.#ask(question, message.parent);
  }

  /**
   * Puts words of the user's in place of an answer's; what was there stays as another branch, and the conversation goes on from the new
   * words. Throws while an answer runs.
   */
  editAnswer(messageId: string, text: string): void {
    const message = messageOf(this.#conversation, messageId);
    if (message?.role !== 'assistant' || text.trim() === '' || text.trim() === textOf(message).trim()) return;
    if (this.busy) throw chatErrors.answerRunning();
    this.#put(editedAnswer(message, text));
    this.#emit({ type: 'branch' });
    this.#useContext({ ...this.#context, usedTokens: usedBy(this.branch, this.#conversation) });
  }

  /** Asks the question of an answer again, of the last one when none is named; the earlier answer stays as another branch. */
  async retry(messageId?: string): Promise<void> {
    if (this.busy) return;
    const branch = messageId === undefined ? this.branch : branchTo(this.#conversation, messageId);
    const question = branch.findLast(message => message.role === 'user');
    if (!question) return;
    const last = branch.at(-1);
    // An answer that never was needs no branch.
    const isEmpty =
      last?.role === 'assistant' && last.parts.length === 0 && last.id === this.#conversation.head;
    const answer = newAnswer(question.id);
    await this.#answer(isEmpty ? { ...answer, id: last.id } : answer);
  }

  /** Shows the branch through this message, to its end. Throws while an answer runs. */
  switchTo(messageId: string): void {
    if (!messageOf(this.#conversation, messageId)) return;
    if (this.busy) throw chatErrors.answerRunning();
    this.#show(newestEnd(this.#conversation, messageId));
  }

  /** Names the branch that begins with this message. */
  nameBranch(messageId: string, name: string): void {
    if (!messageOf(this.#conversation, messageId)) return;
    this.#conversation.branchNames[messageId] = name;
    this.#record({ type: 'branchName', messageId, name });
    this.#emit({ type: 'branch' });
  }

  /** Gives the conversation a title; without one its first question is its title again. */
  rename(title: string | undefined): void {
    this.#conversation.title = title;
    this.#record({ type: 'title', title });
    this.#emit({ type: 'title' });
  }

  pin(pinned: boolean): void {
    this.#conversation.pinned = pinned;
    this.#record({ type: 'pinned', pinned });
    this.#emit({ type: 'title' });
  }

  /**
   * Has the model sum up the shown branch, in at most `maxTokens`; undefined when cancelled. Nothing of the conversation changes:
   * the text is for the user to edit, and for `compact`.
   */
  async summarise(maxTokens: number, token: CancellationToken): Promise<string | undefined> {
    const engine = await this.deps.engine.whenReady(token, { retryFailed: true });
    if (!engine) return undefined;
    const messages: ChatMessage[] = [...modelHistory(this.branch), { role: 'user', content: summaryRequest }];
    const { sampling } = this.deps.settings();
    const params = { messages, maxTokens, think: false, sampling };
    const { text, finishReason } = await engine.client.chatSend(params, () => undefined, token);
    return finishReason === 'cancelled' ? undefined : text.trim();
  }

  /** Goes on from a summary instead of the shown branch, which stays as a branch of its own. Throws while an answer runs. */
  compact(summary: string): void {
    const { head } = this.#conversation;
    if (head === null) return;
    if (this.busy) throw chatErrors.answerRunning();
    const createdAt = Date.now();
    this.#put({ id: randomUUID(), parent: null, createdAt, role: 'summary', of: head, text: summary });
    this.#emit({ type: 'branch' });
    this.#useContext({ ...this.#context, usedTokens: 0 });
  }

  /** Puts text into the input of the page. */
  offerInput(
    text: string,
    useWorkspace = this.#conversation.useWorkspace,
    attachments: Attachment[] = [],
  ): void {
    this.#emit({ type: 'input', text, useWorkspace, attachments });
  }

  /** Puts a question into the input that is not to be asked now. */
  giveBack(question: Question): void {
    this.offerInput(shownText(question), question.useWorkspace, attachedByUser(question.parts));
  }

  /** The window closes: what there is of the running answer is kept. */
  dispose(): void {
    const running = this.#running;
    this.#running = undefined;
    if (running) {
      running.source.cancel();
      endThought(running.message);
      interrupt(running.message);
      this.#growth.flush();
      this.#record({ type: 'message', message: running.message });
    }
    this.#growth.dispose();
    this.#events.dispose();
    this.#answered.dispose();
  }

  #refuseTooLong(question: Question): boolean {
    const chars = questionForModel(question.parts).length;
    if (chars <= limits.messageCharsMax) return false;
    this.deps.showError(chatErrors.messageTooLong(chars, limits.messageCharsMax));
    this.giveBack(question);
    return true;
  }

  async #ask(question: Question, parent: string | null, id: string = randomUUID()): Promise<void> {
    const { useWorkspace, shown, notes, instructions, parts } = question;
    const isAtEnd = parent === this.#conversation.head;
    const message: UserMessage = {
      id,
      parent,
      createdAt: Date.now(),
      role: 'user',
      useWorkspace,
      shown,
      notes,
      instructions,
      parts,
    };
    if (this.#conversation.useWorkspace !== useWorkspace) {
      this.#conversation.useWorkspace = useWorkspace;
      if (this.#isKept) this.#record({ type: 'useWorkspace', useWorkspace });
    }
    this.#put(message);
    this.#emit(isAtEnd ? { type: 'message', message } : { type: 'branch' });
    if (parent === null) this.#emit({ type: 'title' });
    await this.#answer(newAnswer(message.id));
  }

  async #answer(
    message: AssistantMessage,
    goingOn: Required<Pick<Running, 'before' | 'goOn'>> | undefined = undefined,
  ): Promise<void> {
    const running: Running = { source: new CancellationTokenSource(), message, ...goingOn };
    const { token } = running.source;
    const { parent } = message;
    const question = parent === null ? undefined : messageOf(this.#conversation, parent);
    if (question?.role !== 'user') return;
    const history = modelHistory(branchTo(this.#conversation, question.id));
    const wasAtEnd = this.#conversation.head === (goingOn ? message.id : question.id);
    this.#running = running;
    this.#put(message);
    this.#emit(wasAtEnd ? { type: 'message', message } : { type: 'branch' });
    this.#emit({ type: 'busy', busy: true });
    try {
      const result = await Promise.race([this.#send(running, question, history), graceAfterCancel(token)]);
      if (this.#running === running) this.#finish(running, result);
    } catch (error) {
      if (this.#running === running) this.#fail(running, asKnownError(error));
    } finally {
      running.source.dispose();
      if (this.#running === running) {
        this.#running = undefined;
        this.#growth.flush();
        this.#record({ type: 'message', message });
        this.#emit({ type: 'message', message });
        this.#emit({ type: 'busy', busy: false });
      }
    }
    const goesOn = message.status === 'done' || this.#sendNextAfterStop;
    this.#sendNextAfterStop = false;
    if (goesOn && !this.busy) await this.#askNext();
  }

  /** Asks the first question of the queue that fits; those before it wait for the user from now on. */
  async #askNext(): Promise<void> {
    const next = this.queue.find(({ id }) => !this.#held.has(id));
    if (!next) return;
    try {
      await this.checkFit(next);
    } catch (error) {
      this.#held.add(next.id);
      this.#emit({ type: 'queue' });
      const known = asKnownError(error);
      this.deps.showError(known);
      // What is wrong with the engine is wrong for all of them.
      return this.busy || known.code !== 'contextFull' ? undefined : this.#askNext();
    }
    // Something else was asked meanwhile, and its end asks what waits; or it was taken back.
    if (this.busy) return;
    if (!this.queue.includes(next)) return this.#askNext();
    // It leaves the queue when it is a message of the log: whatever happens, it is in one of the two.
    const asked = this.#ask(next, this.#conversation.head, next.id);
    this.#setQueue(this.queue.filter(one => one !== next));
    await asked;
  }

  #setQueue(queue: QueuedQuestion[]): void {
    this.#conversation.queue = queue;
    this.#record({ type: 'queue', questions: queue });
    this.#emit({ type: 'queue' });
  }

  /** Undefined when the answer was stopped before the engine was asked. */
  async #send(
    running: Running,
    question: UserMessage,
    messages: ChatMessage[],
  ): Promise<ChatSendResult | undefined> {
    const { token } = running.source;
    const engine = await this.deps.engine.whenReady(token, { retryFailed: true });
    if (!engine) return undefined;
    running.modelWaitMs = engine.waitedMs;
    const workspace = question.useWorkspace ? await this.deps.workspace.ensure(token) : undefined;
    if (token.isCancellationRequested) return undefined;
    const { sampling, maxTokens, think, effort, thinkingTokens } = this.deps.settings();
    const { instructions } = question;
    this.#noteCutRules(question);
    const { message, before, goOn } = running;
    const { client } = engine;
    const progressToken = client.newAnswerToken();
    running.answerNow = () => client.answerNow(progressToken);
    if (!before || !message.thinking) message.thinking = { think, effort };
    const params = {
      messages: before ? [...messages, saidSoFar(before)] : messages,
      ...(before && { continueAnswer: true, allowRepetition: goOn === 'anyway' }),
      progressToken,
      workspace,
      instructions,
      maxTokens,
      ...message.thinking,
      thinkingTokens,
      sampling,
    };
    return client.chatSend(params, delta => this.#hear(running, delta), token);
  }

  /** Says which rules of the project the context has no room for. */
  #noteCutRules(question: UserMessage): void {
    const { maxTokens } = this.#context;
    if (question.instructions === undefined || maxTokens === 0) return;
    const cut = rulesBeyond(question.instructions, maxTokens * limits.instructionCharsPerToken);
    if (cut.length === 0) return;
    const note = t('The context is too short for all rules. Cut or left out: {0}', cut.join(', '));
    if (question.notes?.includes(note)) return;
    question.notes = [...(question.notes ?? []), note];
    this.#record({ type: 'message', message: question });
    this.#emit({ type: 'message', message: question });
  }

  #hear(running: Running, delta: ChatDelta): void {
    if (this.#running !== running) return;
    const { message } = running;
    const messageId = message.id;
    if (delta.kind === 'prefill') {
      running.reading = { done: delta.doneTokens, total: delta.totalTokens };
      this.#emit({ type: 'reading', messageId, ...running.reading });
      return;
    }
    running.reading = undefined;
    if (delta.kind === 'thinking') {
      const from = thoughtOf(message)?.text.length ?? 0;
      const { text, tokens } = delta;
      const { startedAt } = addThought(message, text, { tokens });
      this.#growth.add({ type: 'thought', messageId, from, text, startedAt, tokens });
      this.#emit({ type: 'thought', messageId, text, startedAt, tokens });
      return;
    }
    if (delta.kind === 'thoughtSoFar') {
      turnIntoThought(message);
      this.#growth.flush();
      this.#record({ type: 'message', message });
      this.#emit({ type: 'message', message });
      return;
    }
    if (endThought(message)) this.#emit({ type: 'message', message });
    this.#growth.add({ type: 'text', messageId, from: textOf(message).length, text: delta.text });
    addText(message, delta.text);
    this.#emit({ type: 'text', messageId, text: delta.text });
  }

  /** Without a result the answer was stopped before the engine was asked, or the engine hangs. */
  #finish(running: Running, result: ChatSendResult | undefined): void {
    const { message } = running;
    running.reading = undefined;
    endThought(message);
    message.status = !result || result.finishReason === 'cancelled' ? 'stopped' : 'done';
    if (!result) return;
    if (running.before) completeContinued(message, running.before, result);
    else completeAnswer(message, result);
    if (message.stats && running.modelWaitMs !== undefined) message.stats.modelWaitMs = running.modelWaitMs;
    const { contextTokens, contextTokensMax } = result.stats;
    this.#useContext({ usedTokens: contextTokens, maxTokens: contextTokensMax });
    if (message.stats) this.#answered.fire(message.stats);
  }

  #fail(running: Running, error: HearthError): void {
    const { message } = running;
    running.reading = undefined;
    endThought(message);
    const stopped = running.source.token.isCancellationRequested;
    message.status = stopped ? 'stopped' : 'failed';
    if (!stopped) message.failure = { code: error.code, ...sayError(error) };
  }

  #useContext(context: ContextUse): void {
    this.#context = context;
    this.#emit({ type: 'context', ...context });
  }

  /** A message is new, or the same one begins again; it is now the last one of the shown branch. */
  #put(message: Message): void {
    const { messages } = this.#conversation;
    const index = messages.findIndex(({ id }) => id === message.id);
    if (index < 0) messages.push(message);
    else messages[index] = message;
    this.#conversation.head = message.id;
    this.#record({ type: 'message', message });
  }

  #show(head: string): void {
    this.#conversation.head = head;
    this.#record({ type: 'head', messageId: head });
    this.#emit({ type: 'branch' });
    this.#useContext({ ...this.#context, usedTokens: usedBy(this.branch, this.#conversation) });
  }

  #record(...entries: LogEntry[]): void {
    const { id, messages } = this.#conversation;
    if (messages.length === 0) return;
    this.deps.record(id, this.#isKept ? entries : entriesOf(this.#conversation));
    this.#isKept = true;
  }

  #emit(event: ConversationEvent): void {
    this.#events.fire(event);
  }
}

/** What the model is asked in order to sum up a conversation. */
const summaryRequest =
  'Sum up our conversation so far for yourself, so that you can go on without it: what I want, what was decided, which files, names ' +
  'and facts matter, what is done and what is open. Write short sentences, and no introduction.';

/**
 * Tokens of context that a branch took when its last answer ended; of one that the user has edited, what the answer took that it was
 * made from. 0 when that is not known.
 */
function usedBy(branch: readonly Message[], { messages }: Pick<Conversation, 'messages'>): number {
  const last = branch.at(-1);
  if (last?.role !== 'assistant') return 0;
  const isSame = (one: Message): one is AssistantMessage =>
    one.role === 'assistant' && one.parent === last.parent && one.stats !== undefined;
  const stats = last.stats ?? (last.edited ? messages.findLast(isSame)?.stats : undefined);
  return stats ? stats.promptTokens + stats.generatedTokens : 0;
}

/**
 * Resolves some seconds after the user stopped: a safety for an engine that hangs, so that it cannot hold the chat. An engine
 * that works answers a cancelled request at once.
 */
function graceAfterCancel(token: CancellationToken): Promise<undefined> {
  return new Promise(resolve => {
    token.onCancellationRequested(() => setTimeout(() => resolve(undefined), cancelGraceMs).unref());
  });
}

type Growth = Extract<LogEntry, { type: 'text' | 'thought' }>;

/** Gathers what an answer grows by, so that the log gets some lines a second, not hundreds. */
class GrowthRecorder implements Disposable {
  #pending: Growth[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly record: (entries: LogEntry[]) => void) {}

  add(piece: Growth): void {
    const last = this.#pending.at(-1);
    if (last?.type === piece.type && last.messageId === piece.messageId)
      this.#pending[this.#pending.length - 1] = {
        ...last,
        ...piece,
        from: last.from,
        text: last.text + piece.text,
      };
    else this.#pending.push({ ...piece });
    this.#timer ??= setTimeout(() => this.flush(), recordMs);
  }

  flush(): void {
    this.dispose();
    if (this.#pending.length > 0) this.record(this.#pending.splice(0));
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
