// The chat in all its places, which show the same: passes messages between pages and extension, and does for a page what only the
// editor can.
import { commands, type Uri, window, type WebviewView, type WebviewViewProvider } from 'vscode';
import { CancellationToken } from 'vscode-jsonrpc/node';
import type { Attach, FromPanel, PanelAction, ToPanel } from '../../webview/protocol.ts';
import { asKnownError } from '../known_error.ts';
import { DisposableStore, type Disposable } from '../dispose.ts';
import { together, type Attachment } from '../context/attachment.ts';
import { t } from '../l10n.ts';
import type { MessageContext } from '../context/register.ts';
import type { CodeActions } from '../edit/register.ts';
import type { EngineSupervisor } from '../link/supervisor.ts';
import type { Log } from '../log.ts';
import type { ModelsPage } from '../models/page/page.ts';
import { notifyError } from '../notify.ts';
import type { Paths } from '../paths/register.ts';
import type { Symbols } from '../symbols/register.ts';
import type { EditorFile } from '../prompts/facts.ts';
import type { Slash } from '../prompts/slash.ts';
import type { WorkspaceIngest } from '../workspace/ingest.ts';
import { aroundAnswer } from './around_answer.ts';
import { ChatPlace } from './chat_place.ts';
import { ChatTabs } from './chat_tabs.ts';
import { diagramPreviews, previewDiagram } from './diagram_preview.ts';
import { copyCode, openLink, openSource } from './editor_actions.ts';
import { isWebLink } from './page_message.ts';
import { isOnce } from './page_log.ts';
import { PanelFeed, type PanelFeedDeps } from './panel_feed.ts';
import { messageOf } from './branches.ts';
import { chatErrors } from './errors.ts';
import type { Conversations } from './conversations.ts';
import { compareBranches, nameBranch, showHistory } from './history_actions.ts';
import type { History } from './history/history.ts';
import { questionOf } from './question.ts';
import type { Question } from './session.ts';
import type { ThinkingChoice } from './thinking_choice.ts';
import { keptAttachments } from './views.ts';

type FromPanelOf<Type extends FromPanel['type']> = Extract<FromPanel, { type: Type }>;
/** A question that is asked in place of another one, with what stays attached to it. */
interface Edited {
  id: string;
  /** The message that it is asked after. */
  parent: string | null;
  kept: Attachment[];
  /** Of what is attached besides. */
  notes: string[];
}

const chatViewId = 'hearth.chat';
/** Tokens of a summary: half of the room that is left, within these. */
const summaryTokensMin = 128;
const summaryTokensMax = 1024;
export interface ChatPanelDeps {
  extensionUri: Uri;
  conversations: Conversations;
  history: History;
  engine: EngineSupervisor;
  workspace: WorkspaceIngest;
  models: ModelsPage;
  names: PanelFeedDeps['names'];
  code: CodeActions;
  paths: Paths;
  symbols: Symbols;
  slash: Slash;
  thinking: ThinkingChoice;
  context: MessageContext;
  log: Log;
}

/** Registers itself as the chat view until disposed. */
export class ChatPanel implements WebviewViewProvider, Disposable {
  readonly #subscriptions = new DisposableStore();
  readonly #feed: PanelFeed;
  readonly #side: ChatPlace;
  readonly #tabs: ChatTabs;
  /** Where the user was last: what is for the input goes there. */
  #active: ChatPlace;

  constructor(private readonly deps: ChatPanelDeps) {
    const { extensionUri, log, context, conversations } = deps;
    this.#feed = this.#subscriptions.add(
      new PanelFeed({ ...deps, draft: context.draft, diagrams: diagramPreviews }),
    );
    const placeDeps = {
      extensionUri,
      log,
      snapshot: () => this.#feed.snapshot(),
      receive: (message: FromPanel, place: ChatPlace) => this.#receive(message, place),
    };
    const reveal = () => commands.executeCommand(`${chatViewId}.focus`);
    this.#side = this.#subscriptions.add(new ChatPlace(placeDeps, reveal));
    this.#active = this.#side;
    this.#tabs = this.#subscriptions.add(
      new ChatTabs({
        ...placeDeps,
        onDidActivate: place => (this.#active = place),
        onDidClose: place => {
          if (this.#active === place) this.#active = this.#side;
        },
      }),
    );
    this.#subscriptions.add(this.#feed.onMessage(message => this.#post(message)));
    this.#subscriptions.add(
      conversations.onEvent(event => {
        if (event.type === 'input') context.draft.restore(event.attachments);
      }),
    );
    this.#subscriptions.add(
      deps.models.onDidCloseDialog(() => void this.refocus().catch((error: unknown) => this.#tell(error))),
    );
    for (const places of [deps.paths, deps.symbols])
      this.#subscriptions.add(places.onDidChange(() => this.#post({ type: 'pathsChanged' })));
    this.#subscriptions.add(window.registerWebviewViewProvider(chatViewId, this));
  }

  resolveWebviewView(view: WebviewView): void {
    const side = this.#side;
    view.onDidChangeVisibility(() => !view.visible && side.hide());
    view.onDidDispose(() => side.leave(view.webview));
    side.fill(view.webview);
  }

  /** Brings the chat into view and the cursor into its input. */
  async open(): Promise<void> {
    await this.#active.focusInput();
  }

  /** Puts the focus back where it was in the chat, after a dialog that was opened from there. */
  async refocus(): Promise<void> {
    await this.#active.reveal();
    this.#post({ type: 'focusBack' });
  }

  /** Shows the chat in a tab of the editor. */
  async openInEditor(): Promise<void> {
    this.#active = this.#tabs.open();
    await this.#active.focusInput();
  }

  /** Shows the chat in a window of its own. */
  async moveToNewWindow(): Promise<void> {
    await this.openInEditor();
    await this.#tabs.moveToNewWindow();
  }

  /** Brings the model page into view. */
  async openModels(): Promise<void> {
    await this.#active.reveal();
    await this.deps.models.open();
  }

  /** The places of the chat, and whether a page is there. */
  get pages(): { place: 'side' | 'tab'; isOpen: boolean }[] {
    return this.#places.map(place => ({
      place: place === this.#side ? 'side' : 'tab',
      isOpen: place.page.isOpen,
    }));
  }

  /** True while the user's keys go to a page. */
  get hasFocus(): boolean {
    return this.#places.some(place => place.hasFocus);
  }

  /** True while the user can see a page. */
  get isShown(): boolean {
    return this.#places.some(({ page }) => page.isOpen);
  }

  /** Attaches something to the next question, which is then to be written. */
  async attach(...things: Attach[]): Promise<void> {
    for (const what of things) await this.deps.context.draft.attach(what);
    await this.open();
  }

  /** Opens the chat with the list of files that can be attached. */
  async offerFiles(): Promise<void> {
    await this.open();
    this.#post({ type: 'insertMention', text: '@file:' });
  }

  /** Opens the chat and asks there about a file, by a command that begins with a slash. */
  async askAbout(command: string, about: EditorFile | undefined): Promise<void> {
    await this.open();
    const { useWorkspace } = this.deps.conversations.current.conversation;
    await this.#ask(command, { useWorkspace, about });
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  /** Asks what the user typed, expanded. What cannot be asked goes back into the input. */
  async #ask(
    typed: string,
    { useWorkspace, about, edited }: { useWorkspace: boolean; about?: EditorFile; edited?: Edited },
  ): Promise<void> {
    const session = this.deps.conversations.current;
    let question: Question | undefined;
    try {
      const expanded = await this.deps.slash.expand(typed, about);
      const { kept: attached, notes } = edited ?? {};
      question = expanded && questionOf({ expanded, useWorkspace, attached, notes });
      if (question) await session.checkFit(question, edited?.parent);
    } catch (error) {
      session.offerInput(typed, useWorkspace, edited?.kept);
      throw error;
    }
    if (!question) return session.offerInput(typed, useWorkspace, edited?.kept);
    await (edited ? session.edit(edited.id, question) : session.submit(question));
  }

  /** Asks what is in the input, with what is attached to it. */
  async #submit(typed: string, useWorkspace: boolean): Promise<void> {
    const { conversations, context, slash } = this.deps;
    const session = conversations.current;
    let question: Question | undefined;
    let sent: string[] = [];
    try {
      const expanded = await slash.expand(typed);
      const attached = expanded && (await context.collect(expanded, session.branch));
      sent = attached?.ids ?? [];
      question = expanded && questionOf({ expanded, useWorkspace, ...attached });
      if (question) await session.checkFit(question);
    } catch (error) {
      session.offerInput(typed, useWorkspace);
      throw error;
    }
    if (!question) return session.offerInput(typed, useWorkspace);
    context.draft.clear(sent);
    await session.submit(question);
  }

  get #places(): ChatPlace[] {
    return [this.#side, ...this.#tabs.places];
  }

  #receive(message: FromPanel, place: ChatPlace): void {
    if (message.type === 'focused' && !message.focused) return;
    if (message.type !== 'ready') this.#active = place;
    this.#handle(message).catch((error: unknown) => this.#tell(error));
  }

  #tell(error: unknown): void {
    notifyError(asKnownError(error), this.deps.log);
  }

  async #handle(message: FromPanel): Promise<void> {
    const { conversations, models, code, context, paths, symbols, log } = this.deps;
    const session = conversations.current;
    switch (message.type) {
      case 'ready':
        return this.#welcome();
      case 'focused':
        return this.deps.slash.lookAgain();
      case 'submit':
        return this.#submit(message.text, message.useWorkspace);
      case 'stop':
        return session.stop();
      case 'answerNow':
        return void (await session.answerNow());
      case 'chooseThinking':
        return this.deps.thinking.choose(message);
      case 'goOn':
        return session.goOn(message.turnId);
      case 'newChat':
        return conversations.newChat();
      case 'history':
        return showHistory(this.deps, () => this.refocus());
      case 'edit':
        return this.#edit(message);
      case 'editAnswer':
        return session.editAnswer(message.turnId, message.text);
      case 'attach':
        return context.draft.attach(message.what);
      case 'attached':
        return this.#actOnAttached(message.action, message.attachmentId);
      case 'findPlaces': {
        const { kind, query } = message;
        return this.#post({ type: 'places', kind, query, places: await context.findPlaces(kind, query) });
      }
      case 'switchBranch':
        return session.switchTo(message.turnId);
      case 'nameBranch':
        await nameBranch(session, message.turnId);
        return this.refocus();
      case 'compareBranch':
        return compareBranches(session.conversation, message.turnId);
      case 'queued':
        return this.#actOnQueued(message.action, message.queuedId);
      case 'summarise':
        return this.#summarise();
      case 'compact':
        return this.#compact(message.text);
      case 'models':
        return models.act(message.action);
      case 'copyCode':
        return copyCode(message.code);
      case 'insertCode':
        return (await code.insert(message)) ? undefined : this.refocus();
      case 'applyCode':
        return (await code.apply(message)) ? undefined : this.refocus();
      case 'newFile':
        return (await code.newFile(message)) ? undefined : this.refocus();
      case 'runInTerminal':
        await code.run(message);
        return this.refocus();
      case 'previewDiagram':
        return previewDiagram(message.code);
      case 'openSource':
        if (session.hasSource(message.uri))
          return openSource(message.uri, message.startLine, message.endLine);
        return log.warn(`Chat page: ${message.uri} is no source of an answer.`);
      case 'findPaths':
        return this.#post({ type: 'paths', found: await paths.lookUp(message.paths) });
      case 'openPath':
        return paths.open(message.path, message);
      case 'findSymbols': {
        const { turnId } = message;
        const around = aroundAnswer(session.conversation, turnId);
        return this.#post({ type: 'symbols', turnId, found: await symbols.lookUp(message.symbols, around) });
      }
      case 'openSymbol':
        return symbols.open(message.name);
      case 'openLink':
        if (isWebLink(message.href)) return openLink(message.href);
        return log.warn('Chat page: a link that is not http or https was refused.');
      case 'action':
        return this.#act(message.action, message.turnId);
      default:
        return message satisfies never;
    }
  }

  async #act(action: PanelAction, turnId: string | undefined): Promise<void> {
    const { conversations, workspace } = this.deps;
    switch (action) {
      case 'retry':
        return conversations.current.retry(turnId);
      case 'newChat':
        return conversations.newChat();
      case 'ingestWorkspace':
        workspace.refresh();
        return void (await workspace.ensure(CancellationToken.None));
      case 'openLog':
        return commands.executeCommand('hearth.showLog');
      case 'openSettings':
        return commands.executeCommand('hearth.openSettings');
      case 'chooseModel':
        return this.openModels();
      case 'restartEngine':
        return commands.executeCommand('hearth.restartEngine');
      default:
        return action satisfies never;
    }
  }

  /** Takes a question of the queue back into the input, asks it now, or drops it. */
  async #actOnQueued(action: 'send' | 'edit' | 'remove', id: string): Promise<void> {
    const { conversations } = this.deps;
    const { current } = conversations;
    if (action === 'send') {
      if (await current.sendQueued(id)) return;
      await conversations.open(current.conversation.id);
      throw chatErrors.askedElsewhere();
    }
    const question = current.unqueue(id);
    if (action === 'edit' && question) current.giveBack(question);
  }

  async #edit({ turnId, text, useWorkspace, attachmentIds, attach }: FromPanelOf<'edit'>): Promise<void> {
    const session = this.deps.conversations.current;
    const message = messageOf(session.conversation, turnId);
    if (message?.role !== 'user') return;
    const { read, failure } = await this.deps.context.draft.read(attach);
    const kept = together(keptAttachments(message, attachmentIds), read);
    if (failure !== undefined) {
      session.offerInput(text, useWorkspace, kept);
      throw asKnownError(failure);
    }
    const notes = read.flatMap(one => one.notes);
    await this.#ask(text, { useWorkspace, edited: { id: turnId, parent: message.parent, kept, notes } });
  }

  async #actOnAttached(action: 'remove' | 'open' | 'toText', id: string): Promise<void> {
    const { context } = this.deps;
    if (action === 'open') return context.open(id);
    const text = context.draft.find(id)?.text;
    context.draft.remove(id);
    if (action === 'toText' && text !== undefined) this.#post({ type: 'insertText', text });
  }

  /** Has the model sum up the conversation, and shows the text to the user, who may change it before it is used. */
  async #summarise(): Promise<void> {
    const session = this.deps.conversations.current;
    const { usedTokens, maxTokens } = session.context;
    const room = Math.max(
      summaryTokensMin,
      Math.min(summaryTokensMax, Math.floor((maxTokens - usedTokens) / 2)),
    );
    let text: string | undefined;
    try {
      text = await window.withProgress(
        { location: { viewId: chatViewId }, title: t('Hearth sums up the conversation') },
        () => session.summarise(room, CancellationToken.None),
      );
    } finally {
      // Without a text the page offers it again.
      if (session === this.deps.conversations.current) this.#post({ type: 'summary', text });
    }
  }

  /** Uses the summary; while an answer runs, the page gets it back. */
  #compact(text: string): void {
    try {
      this.deps.conversations.current.compact(text);
    } catch (error) {
      this.#post({ type: 'summary', text });
      throw error;
    }
  }

  /** A page has come up and knows all by now. The engine starts only when something is asked. */
  #welcome(): void {
    const { conversations, workspace, slash } = this.deps;
    slash.refresh();
    if (conversations.current.conversation.useWorkspace) workspace.prepare();
  }

  /** Tells all pages what has changed, and the one in use what is for the input. */
  #post(message: ToPanel): void {
    if (message.type === 'busy') void commands.executeCommand('setContext', 'hearth.busy', message.busy);
    for (const { page } of isOnce(message) ? [this.#active] : this.#places) page.post(message);
  }
}
