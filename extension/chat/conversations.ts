// The conversations of this window: the one that is shown, those whose answers still run, and the kept ones. No vscode.
import { Emitter, type Event } from 'vscode-jsonrpc/node';
import { DisposableStore, type Disposable } from '../dispose.ts';
import type { StoredValue } from '../stored_value.ts';
import { newConversation, type AnswerStats, type Conversation } from './conversation.ts';
import { readEarlier } from './history/earlier_formats.ts';
import type { History } from './history/history.ts';
import { ChatSession, type ChatSessionDeps, type ConversationEvent } from './session.ts';

export interface ConversationsDeps extends Omit<ChatSessionDeps, 'record' | 'claim'> {
  history: Pick<History, 'append' | 'add' | 'claim' | 'load' | 'remove' | 'purge'>;
  /** Id of the conversation that was shown last. */
  shown: StoredValue;
  /** The one conversation that earlier versions kept. */
  earlier: StoredValue;
  warn(message: string): void;
}

export class Conversations implements Disposable {
  readonly #switched = new Emitter<ChatSession>();
  readonly #events = new Emitter<ConversationEvent>();
  readonly #answered = new Emitter<AnswerStats>();
  /** By id: the shown one, and those in use. */
  readonly #open = new Map<string, { session: ChatSession; subscriptions: DisposableStore }>();
  #contextTokensMax = 0;
  #current: ChatSession;
  readonly #restored: Promise<void>;

  constructor(private readonly deps: ConversationsDeps) {
    this.#current = this.#begin(newConversation(deps.settings().useWorkspace));
    this.#restored = this.#restore().catch((error: unknown) =>
      deps.warn(`The last conversation could not be read: ${String(error)}`),
    );
  }

  /** The conversation that is shown. */
  get current(): ChatSession {
    return this.#current;
  }

  /** True while an answer of any conversation is under way. */
  get isBusy(): boolean {
    return [...this.#open.values()].some(({ session }) => session.busy);
  }

  /** Resolves when the conversation that was shown last is there again. */
  get restored(): Promise<void> {
    return this.#restored;
  }

  /** Another conversation is shown. */
  get onDidSwitch(): Event<ChatSession> {
    return this.#switched.event;
  }

  /** What happens in the conversation that is shown. */
  get onEvent(): Event<ConversationEvent> {
    return this.#events.event;
  }

  /** The figures of each answer, of whichever conversation. */
  get onAnswered(): Event<AnswerStats> {
    return this.#answered.event;
  }

  /** The answer that ends the conversation that is shown is another one. */
  onDidChangeAnswer(listener: () => void): Disposable {
    const store = new DisposableStore();
    store.add(this.onAnswered(listener));
    store.add(this.onDidSwitch(listener));
    store.add(this.onEvent(({ type }) => type === 'branch' && listener()));
    return store;
  }

  /** The context of the model in force. */
  setContext(maxTokens: number): void {
    this.#contextTokensMax = maxTokens;
    for (const { session } of this.#open.values()) session.setContext(maxTokens);
  }

  /** Begins a conversation; the one that was shown is kept, and an answer in it goes on. */
  newChat(): void {
    if (this.#current.branch.length === 0) return;
    this.#show(this.#begin(newConversation(this.#current.conversation.useWorkspace)));
  }

  /** Shows a kept conversation, as it is on the disk: another window may have gone on with it. False when it cannot be read. */
  async open(id: string): Promise<boolean> {
    const known = this.#open.get(id)?.session;
    if (known && isInUse(known)) {
      this.#show(known);
      return true;
    }
    const conversation = await this.deps.history.load(id);
    if (!conversation) return false;
    this.#close(id);
    this.#show(this.#begin(conversation));
    return true;
  }

  /** Changes a conversation that need not be shown, such as its title. False when it cannot be read. */
  async change(id: string, change: (session: ChatSession) => void): Promise<boolean> {
    const open = this.#open.get(id)?.session;
    if (open) change(open);
    else {
      const conversation = await this.deps.history.load(id);
      if (!conversation) return false;
      const session = this.#make(conversation);
      change(session);
      session.dispose();
    }
    return true;
  }

  /** Deletes a conversation; `restore` of the history brings it back. When it is shown, a new one takes its place. */
  async remove(id: string): Promise<void> {
    const session = this.#open.get(id)?.session;
    if (session === this.#current)
      this.#show(this.#begin(newConversation(session.conversation.useWorkspace)));
    session?.stop();
    this.#close(id);
    await this.deps.history.remove(id);
  }

  /** Keeps what there is of running answers. */
  dispose(): void {
    for (const id of [...this.#open.keys()]) this.#close(id);
    this.#switched.dispose();
    this.#events.dispose();
    this.#answered.dispose();
  }

  async #restore(): Promise<void> {
    const { history, shown, earlier } = this.deps;
    const before = readEarlier(earlier.get());
    if (before && before.messages.length > 0) await history.add(before);
    if (earlier.get() !== undefined) await earlier.set(undefined);
    const last = before?.id ?? shown.get();
    // Deleted long ago: that can wait.
    void history.purge();
    // Whoever has asked something meanwhile goes on with that.
    if (typeof last !== 'string' || this.#current.branch.length > 0) return;
    const conversation = await history.load(last);
    if (conversation && this.#current.branch.length === 0) this.#show(this.#begin(conversation));
  }

  #make(conversation: Conversation): ChatSession {
    const { history } = this.deps;
    return new ChatSession(conversation, {
      ...this.deps,
      record: (id, entries) => history.append(id, entries),
      claim: (id, questionId) => history.claim(id, questionId),
    });
  }

  #begin(conversation: Conversation): ChatSession {
    const { id } = conversation;
    const session = this.#make(conversation);
    session.setContext(this.#contextTokensMax);
    const subscriptions = new DisposableStore();
    subscriptions.add(session.onAnswered(stats => this.#answered.fire(stats)));
    subscriptions.add(
      session.onEvent(event => {
        if (session === this.#current) {
          this.#events.fire(event);
          if (event.type === 'busy' && event.busy) this.#noteShown();
        } else if (event.type === 'busy' && !isInUse(session)) this.#close(id);
      }),
    );
    this.#open.set(id, { session, subscriptions });
    return session;
  }

  #show(session: ChatSession): void {
    const before = this.#current;
    this.#current = session;
    if (before !== session && !isInUse(before)) this.#close(before.conversation.id);
    this.#switched.fire(session);
    this.#noteShown();
  }

  /** The next window begins with this conversation. */
  #noteShown(): void {
    void this.deps.shown
      .set(this.#current.conversation.id)
      .catch((error: unknown) =>
        this.deps.warn(`The shown conversation could not be noted: ${String(error)}`),
      );
  }

  #close(id: string): void {
    const open = this.#open.get(id);
    this.#open.delete(id);
    open?.subscriptions.dispose();
    open?.session.dispose();
  }
}

/** An answer runs, or questions wait for its end. */
function isInUse(session: ChatSession): boolean {
  return session.busy || session.queue.some(({ id }) => !session.isHeld(id));
}
