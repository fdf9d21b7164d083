// Runs one conversation with the model: ask, stop, retry, new chat. Knows neither the editor nor the page; reports each change
// as an event of its own. An answer that fails keeps the text it had, and the conversation goes on.
import { randomUUID } from 'node:crypto';
import { CancellationTokenSource, Emitter, type CancellationToken, type Event } from 'vscode-jsonrpc/node';
import type { ChatDelta, ChatMessage, ChatSendResult, SamplingParams } from '../../engine/protocol/chat.ts';
import type { HearthError } from '../../engine/protocol/errors.ts';
import { chatErrors } from './errors.ts';
import { limits } from '../../engine/protocol/limits.ts';
import { asKnownError } from '../known_error.ts';
import type { Disposable } from '../dispose.ts';
import type { EngineClient } from '../link/client.ts';
import { addText, addThought, completeAnswer, endThought, newAnswer, turnIntoThought } from './answer.ts';
import {
  modelHistory,
  type AnswerStats,
  type AssistantMessage,
  type Conversation,
  type Message,
  type UserMessage,
} from './conversation.ts';
import { restoreConversation, savedOf, type ConversationStorage } from './saved_conversation.ts';

/** A cancelled answer that does not end within this counts as stopped for the user. */
export const cancelGraceMs = 5_000;

export interface ChatSettings {
  sampling: SamplingParams;
  /** Unset: an answer ends when the model ends it or the context is full. */
  maxTokens: number | undefined;
  /** Whether a model that can do both thinks first; unset: as it does by itself. */
  think: boolean | undefined;
  useWorkspace: boolean;
}
export interface ChatSessionDeps {
  engine: {
    /** Undefined when cancelled. */
    whenReady(
      token: CancellationToken,
      options: { retryFailed: boolean },
    ): Promise<{ client: Pick<EngineClient, 'chatSend'> } | undefined>;
  };
  workspace: {
    /** Name of the workspace once the engine knows its files; undefined without a folder or when cancelled. */
    ensure(token: CancellationToken): Promise<string | undefined>;
  };
  settings(): ChatSettings;
  storage: ConversationStorage;
  /** Shows an error that belongs to no answer. */
  showError(error: HearthError): void;
}

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
  /** A message is new, or has changed in more than its length. */
  | { type: 'message'; message: Message }
  /** An answer, or the thought before it, has grown by `text`. */
  | { type: 'text'; messageId: string; text: string }
  | { type: 'thought'; messageId: string; text: string; startedAt: number }
  | ({ type: 'reading'; messageId: string } & PromptReading)
  | { type: 'busy'; busy: boolean }
  | ({ type: 'context' } & ContextUse)
  /** Another conversation has begun. */
  | { type: 'cleared' }
  /** This text is to be put into the input, for the user to change or send. */
  | { type: 'input'; text: string; useWorkspace: boolean };

interface Running {
  source: CancellationTokenSource;
  message: AssistantMessage;
  reading?: PromptReading;
}

export class ChatSession implements Disposable {
  readonly #events = new Emitter<ConversationEvent>();
  readonly #answered = new Emitter<AnswerStats>();
  #conversation: Conversation;
  #context: ContextUse = { usedTokens: 0, maxTokens: 0 };
  #running: Running | undefined;

  constructor(private readonly deps: ChatSessionDeps) {
    this.#conversation =
      restoreConversation(deps.storage.load()) ?? newConversation(deps.settings().useWorkspace);
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

  get busy(): boolean {
    return this.#running !== undefined;
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

  /** Sends the question; resolves when the answer ends. Text that cannot be sent now goes back into the input. */
  async submit(text: string, useWorkspace: boolean): Promise<void> {
    const tooLong = text.length > limits.messageCharsMax;
    if (this.busy || tooLong) {
      if (tooLong) this.deps.showError(chatErrors.messageTooLong(text.length, limits.messageCharsMax));
      this.#emit({ type: 'input', text, useWorkspace });
      return;
    }
    await this.#ask({ useWorkspace, parts: [{ type: 'text', text }] });
  }

  /** Stops the running answer; what it said so far stays. */
  stop(): void {
    this.#running?.source.cancel();
  }

  /** Asks the question of an answer again: in its place when it is the last one, else as a new question. */
  async retry(messageId?: string): Promise<void> {
    if (this.busy) return;
    const { messages } = this.#conversation;
    const index =
      messageId === undefined ? messages.length - 1 : messages.findIndex(message => message.id === messageId);
    const question = messages.slice(0, index + 1).findLast(message => message.role === 'user');
    if (!question) return;
    if (index < messages.length - 1) {
      const { useWorkspace, parts } = question;
      return this.#ask({ useWorkspace, parts: structuredClone(parts) });
    }
    const last = messages.at(-1);
    if (last?.role === 'assistant') messages.pop();
    await this.#answer(question, newAnswer(last?.id));
  }

  /** Forgets the conversation and begins another. */
  newChat(): void {
    const running = this.#running;
    this.#running = undefined;
    running?.source.cancel();
    this.#conversation = newConversation(this.#conversation.useWorkspace);
    this.#emit({ type: 'cleared' });
    this.#emit({ type: 'busy', busy: false });
    this.#useContext({ ...this.#context, usedTokens: 0 });
    this.#save();
  }

  /** Puts text into the input of the page. */
  offerInput(text: string): void {
    this.#emit({ type: 'input', text, useWorkspace: this.#conversation.useWorkspace });
  }

  /** Stops and keeps what there is. */
  dispose(): void {
    this.stop();
    this.#save();
    this.#events.dispose();
    this.#answered.dispose();
  }

  async #ask(question: Pick<UserMessage, 'useWorkspace' | 'parts'>): Promise<void> {
    const message: UserMessage = { id: randomUUID(), role: 'user', ...question };
    this.#conversation.useWorkspace = message.useWorkspace;
    this.#conversation.messages.push(message);
    this.#emit({ type: 'message', message });
    await this.#answer(message, newAnswer());
  }

  async #answer(question: UserMessage, message: AssistantMessage): Promise<void> {
    const running: Running = { source: new CancellationTokenSource(), message };
    const { token } = running.source;
    const history = modelHistory(this.#conversation);
    this.#running = running;
    this.#conversation.messages.push(message);
    this.#emit({ type: 'message', message });
    this.#emit({ type: 'busy', busy: true });
    this.#save();
    try {
      const result = await Promise.race([this.#send(running, question, history), graceAfterCancel(token)]);
      if (this.#running === running) this.#finish(running, result);
    } catch (error) {
      if (this.#running === running) this.#fail(running, asKnownError(error));
    } finally {
      running.source.dispose();
      if (this.#running === running) {
        this.#running = undefined;
        this.#emit({ type: 'message', message });
        this.#emit({ type: 'busy', busy: false });
        this.#save();
      }
    }
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
    const workspace = question.useWorkspace ? await this.deps.workspace.ensure(token) : undefined;
    if (token.isCancellationRequested) return undefined;
    const { sampling, maxTokens, think } = this.deps.settings();
    const params = { messages, workspace, maxTokens, think, sampling };
    return engine.client.chatSend(params, delta => this.#hear(running, delta), token);
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
      const { startedAt } = addThought(message, delta.text);
      this.#emit({ type: 'thought', messageId, text: delta.text, startedAt });
      return;
    }
    if (delta.kind === 'thoughtSoFar') {
      turnIntoThought(message);
      this.#emit({ type: 'message', message });
      return;
    }
    if (endThought(message)) this.#emit({ type: 'message', message });
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
    completeAnswer(message, result);
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
    if (!stopped) message.failure = { code: error.code, message: error.message, remedy: error.remedy };
  }

  #useContext(context: ContextUse): void {
    this.#context = context;
    this.#emit({ type: 'context', ...context });
  }

  #save(): void {
    this.deps.storage.save(savedOf(this.#conversation));
  }

  #emit(event: ConversationEvent): void {
    this.#events.fire(event);
  }
}

function newConversation(useWorkspace: boolean): Conversation {
  return { id: randomUUID(), useWorkspace, messages: [] };
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
