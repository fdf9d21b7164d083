// One conversation: its turns, the running answer, stop, retry. Knows neither the editor nor the page; says what changed
// as page messages. An answer that fails keeps the text it had, and the conversation goes on.
import { randomUUID } from 'node:crypto';
import { CancellationTokenSource, Emitter, type CancellationToken, type Event } from 'vscode-jsonrpc/node';
import type { ChatDelta, ChatMessage, ChatSendResult, SamplingParams } from '../../engine/protocol/chat.ts';
import { errors, fromWire, type EngineError } from '../../engine/protocol/errors.ts';
import { limits } from '../../engine/protocol/limits.ts';
import type { AssistantTurn, ContextMeter, StatsView, ToPanel, Turn } from '../../webview/protocol.ts';
import type { Disposable } from '../dispose.ts';
import type { EngineClient } from '../link/client.ts';
import { capTurns, restoreChat, type ChatStorage } from './saved_chat.ts';
import { answerActions, cutOf, failureView, sourceViews, statsView } from './views.ts';

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
  storage: ChatStorage;
  /** Shows an error that belongs to no answer. */
  showError(error: EngineError): void;
}

type UserTurn = Extract<Turn, { role: 'user' }>;
interface Running {
  source: CancellationTokenSource;
  turn: AssistantTurn;
}

export class ChatSession implements Disposable {
  readonly #messages = new Emitter<ToPanel>();
  readonly #finished = new Emitter<StatsView>();
  #conversationId: string;
  #turns: Turn[];
  #useWorkspace: boolean;
  #meter: ContextMeter = { usedTokens: 0, maxTokens: 0 };
  #running: Running | undefined;

  constructor(private readonly deps: ChatSessionDeps) {
    const saved = restoreChat(deps.storage.load());
    this.#conversationId = saved?.conversationId ?? randomUUID();
    this.#turns = saved?.turns ?? [];
    this.#useWorkspace = saved?.useWorkspace ?? deps.settings().useWorkspace;
  }

  /** What changed, as the page should hear it. */
  get onMessage(): Event<ToPanel> {
    return this.#messages.event;
  }

  /** The figures of each answer that ended by itself. */
  get onAnswered(): Event<StatsView> {
    return this.#finished.event;
  }

  get busy(): boolean {
    return this.#running !== undefined;
  }

  /** The conversation part of the page's state. */
  state(): { turns: Turn[]; busy: boolean; meter: ContextMeter; useWorkspace: boolean } {
    return { turns: this.#turns, busy: this.busy, meter: this.#meter, useWorkspace: this.#useWorkspace };
  }

  /** True when an answer of this conversation names the file as a source. */
  hasSource(uri: string): boolean {
    return this.#turns.some(
      turn => turn.role === 'assistant' && turn.sources.some(source => source.uri === uri),
    );
  }

  /** The context of the model in force, and why it is shorter than the model's own. */
  setContext(maxTokens: number, bound: ContextMeter['bound']): void {
    this.#meter = { usedTokens: this.#meter.usedTokens, maxTokens, bound };
    this.#post({ type: 'meter', meter: this.#meter });
  }

  /** Asks; settles when the answer has ended. Text that cannot be sent now goes back into the input. */
  async submit(text: string, useWorkspace: boolean): Promise<void> {
    const tooLong = text.length > limits.messageCharsMax;
    if (this.busy || tooLong) {
      if (tooLong) this.deps.showError(errors.messageTooLong(text.length, limits.messageCharsMax));
      this.#post({ type: 'setInput', text, useWorkspace });
      return;
    }
    this.#useWorkspace = useWorkspace;
    const turn: UserTurn = { id: randomUUID(), role: 'user', text, useWorkspace };
    this.#turns.push(turn);
    this.#post({ type: 'turn', turn: { ...turn } });
    await this.#answer(turn);
  }

  /** Stops the running answer; what it said so far stays. */
  stop(): void {
    this.#running?.source.cancel();
  }

  /** Asks the question of an answer again: in its place when it is the last one, else as a new question. */
  async retry(turnId?: string): Promise<void> {
    if (this.busy) return;
    const index =
      turnId === undefined ? this.#turns.length - 1 : this.#turns.findIndex(turn => turn.id === turnId);
    const question = this.#turns.slice(0, index + 1).findLast(turn => turn.role === 'user');
    if (!question) return;
    if (index < this.#turns.length - 1) return this.submit(question.text, question.useWorkspace);
    const last = this.#turns.at(-1);
    if (last?.role === 'assistant') this.#turns.pop();
    await this.#answer(question, last?.id);
  }

  /** Forgets the conversation and begins another. */
  newChat(): void {
    const running = this.#running;
    this.#running = undefined;
    running?.source.cancel();
    this.#conversationId = randomUUID();
    this.#turns = [];
    this.#meter = { ...this.#meter, usedTokens: 0 };
    this.#post({ type: 'cleared' });
    this.#post({ type: 'busy', busy: false });
    this.#post({ type: 'meter', meter: this.#meter });
    this.#save();
  }

  /** Puts text into the input of the page. */
  offerInput(text: string): void {
    this.#post({ type: 'setInput', text, useWorkspace: this.#useWorkspace });
  }

  /** Stops and keeps what there is. */
  dispose(): void {
    this.stop();
    this.#save();
    this.#messages.dispose();
    this.#finished.dispose();
  }

  async #answer(question: UserTurn, turnId: string = randomUUID()): Promise<void> {
    const turn: AssistantTurn = {
      id: turnId,
      role: 'assistant',
      text: '',
      status: 'waiting',
      sources: [],
      leftOut: [],
    };
    const running: Running = { source: new CancellationTokenSource(), turn };
    const messages = this.#history();
    this.#running = running;
    this.#turns.push(turn);
    this.#post({ type: 'turn', turn: { ...turn } });
    this.#post({ type: 'busy', busy: true });
    this.#save();
    try {
      const result = await Promise.race([
        this.#ask(running, question, messages),
        graceAfterCancel(running.source.token),
      ]);
      if (this.#running === running) this.#finish(turn, result);
    } catch (error) {
      if (this.#running === running)
        this.#fail(turn, fromWire(error), running.source.token.isCancellationRequested);
    } finally {
      running.source.dispose();
      if (this.#running === running) {
        this.#running = undefined;
        this.#post({ type: 'turn', turn: { ...turn } });
        this.#post({ type: 'busy', busy: false });
        this.#save();
      }
    }
  }

  async #ask(
    running: Running,
    question: UserTurn,
    messages: ChatMessage[],
  ): Promise<ChatSendResult | undefined> {
    const { token } = running.source;
    const engine = await this.deps.engine.whenReady(token, { retryFailed: true });
    if (!engine) return undefined;
    const workspace = question.useWorkspace ? await this.deps.workspace.ensure(token) : undefined;
    if (token.isCancellationRequested) return undefined;
    const { sampling, maxTokens, think } = this.deps.settings();
    const conversationId = this.#conversationId;
    const params = { conversationId, messages, workspace, maxTokens, think, sampling };
    return engine.client.chatSend(params, delta => this.#hear(running, delta), token);
  }

  #hear(running: Running, delta: ChatDelta): void {
    if (this.#running !== running) return;
    const { turn } = running;
    if (delta.kind === 'prefill') {
      turn.status = 'reading';
      turn.reading = { done: delta.doneTokens, total: delta.totalTokens };
      this.#post({ type: 'reading', turnId: turn.id, ...turn.reading });
      return;
    }
    delete turn.reading;
    turn.status = 'streaming';
    if (delta.kind === 'thinking') {
      const { text = '', startedAt = Date.now() } = turn.thinking ?? {};
      turn.thinking = { text: text + delta.text, startedAt };
      this.#post({ type: 'thinking', turnId: turn.id, text: delta.text, startedAt });
      return;
    }
    if (endThought(turn)) this.#post({ type: 'turn', turn: { ...turn } });
    turn.text += delta.text;
    this.#post({ type: 'delta', turnId: turn.id, text: delta.text });
  }

  /** Without a result the answer was stopped before it began, or the engine is slow to notice. */
  #finish(turn: AssistantTurn, result: ChatSendResult | undefined): void {
    delete turn.reading;
    endThought(turn);
    turn.status = !result || result.finishReason === 'cancelled' ? 'stopped' : 'done';
    if (!result) return;
    turn.text = result.text;
    turn.thinking =
      result.thinking === ''
        ? undefined
        : { startedAt: Date.now(), tookMs: 0, ...turn.thinking, text: result.thinking };
    turn.sources = sourceViews(result.sources);
    turn.leftOut = result.leftOut;
    turn.stats = statsView(result.stats);
    turn.cut = cutOf(result);
    const { contextTokens: usedTokens, contextTokensMax: maxTokens } = result.stats;
    this.#meter = { ...this.#meter, usedTokens, maxTokens };
    this.#post({ type: 'meter', meter: this.#meter });
    this.#finished.fire(turn.stats);
  }

  #fail(turn: AssistantTurn, error: EngineError, cancelled: boolean): void {
    delete turn.reading;
    endThought(turn);
    turn.status = cancelled ? 'stopped' : 'failed';
    if (!cancelled) turn.failure = failureView(error, answerActions(error.code));
  }

  /**
   * What the model is told: questions with their answers, thoughts apart. A question that got no word of answer is left out,
   * but for the last.
   */
  #history(): ChatMessage[] {
    return this.#turns.flatMap((turn, index): ChatMessage[] => {
      const next = this.#turns[index + 1];
      if (turn.role === 'assistant')
        return turn.text === ''
          ? []
          : [{ role: 'assistant', content: turn.text, thinking: turn.thinking?.text ?? '' }];
      return next?.role === 'assistant' && next.text === '' ? [] : [{ role: 'user', content: turn.text }];
    });
  }

  #save(): void {
    this.deps.storage.save({
      conversationId: this.#conversationId,
      useWorkspace: this.#useWorkspace,
      turns: capTurns(this.#turns),
    });
  }

  #post(message: ToPanel): void {
    this.#messages.fire(message);
  }
}

/** The model has begun to answer, or never will: its thought is complete. False when there was none to end. */
function endThought(turn: AssistantTurn): boolean {
  if (!turn.thinking || turn.thinking.tookMs !== undefined) return false;
  turn.thinking = { ...turn.thinking, tookMs: Math.max(0, Date.now() - turn.thinking.startedAt) };
  return true;
}

/** Settles some seconds after the user stopped, so that an engine that does not notice cannot hold the chat. */
function graceAfterCancel(token: CancellationToken): Promise<undefined> {
  return new Promise(resolve => {
    token.onCancellationRequested(() => setTimeout(() => resolve(undefined), limits.cancelGraceMs).unref());
  });
}
